/** Where a bucket is reached on this program's server. Runs on either side. */

/** Objects for everybody: `<prefix><bucket>/<key>`. */
export const PUBLIC_PREFIX = "/cdn-cgi/local/r2/public/";
/** The S3 API: `<prefix>/<bucket>/<key>`. */
export const S3_PREFIX = "/cdn-cgi/local/r2/s3";

export function publicPath(bucket: string, key: string): string {
  return `${PUBLIC_PREFIX}${encodeSegment(bucket)}/${encodeKey(key)}`;
}

export function publicUrl(origin: string, bucket: string, key: string): string {
  return origin + publicPath(bucket, key);
}

export function s3Path(bucket: string, key: string): string {
  return `${S3_PREFIX}/${encodeSegment(bucket)}/${encodeKey(key)}`;
}

/** A key as the path of a URL has it: slashes stay. */
function encodeKey(key: string): string {
  return key.split("/").map(encodeSegment).join("/");
}

function encodeSegment(segment: string): string {
  return encodeURIComponent(segment).replace(
    /[!'()*]/g,
    character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
