import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exchange, folderWith, type RunningServer, startServer } from "../../helpers/server.ts";

const LOCAL = { accessKeyId: "workerlocal", secretAccessKey: "workerlocalsecret" };
const OWN = { accessKeyId: "own-key", secretAccessKey: "own-secret" };
const MB5 = 5 * 1024 * 1024;

const md5 = (data: string | Uint8Array) => createHash("md5").update(data).digest("hex");

let server: RunningServer;
let s3: S3Client;
const client = (config: Partial<S3ClientConfig> = {}) =>
  new S3Client({
    endpoint: `${server.url}/cdn-cgi/local/r2/s3`,
    forcePathStyle: true,
    region: "auto",
    credentials: LOCAL,
    maxAttempts: 1,
    ...config,
  });

beforeAll(async () => {
  const folder = folderWith({
    "wrangler.jsonc": JSON.stringify({
      name: "stored",
      main: "index.js",
      compatibility_date: "2026-01-01",
      r2_buckets: [
        { binding: "FILES", bucket_name: "files" },
        {
          binding: "OWN",
          bucket_name: "own-bucket",
          local_dev: { experimental_s3_credentials: OWN },
        },
        { binding: "UNNAMED" },
      ],
    }),
    "index.js": `export default { async fetch(request, env) {
      const object = await env.FILES.get(new URL(request.url).pathname.slice(1));
      return object === null ? new Response(null, { status: 404 }) : Response.json({ ...object, text: await object.text() });
    } }`,
  });
  server = await startServer(folder, "run");
  s3 = client();
});
afterAll(async () => {
  s3?.destroy();
  await server?.stop();
});

/** What the worker sees of an object. */
const seen = async (key: string) =>
  (await fetch(`${server.url}/${key}`)).json() as Promise<Record<string, unknown>>;

const failure = async (promise: Promise<unknown>) => {
  const error = (await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )) as { name: string; message: string; $metadata?: { httpStatusCode?: number } } | undefined;
  return error && [error.$metadata?.httpStatusCode, error.name];
};

const Bucket = "files";

describe("objects", () => {
  test("put, head, get and delete, as the SDK sends them by default", async () => {
    const put = await s3.send(
      new PutObjectCommand({
        Bucket,
        Key: "a/b c+é.txt",
        Body: "hello",
        ContentType: "text/plain",
        CacheControl: "no-store",
        ContentDisposition: "inline",
        ContentEncoding: "identity",
        ContentLanguage: "de",
        Expires: new Date(2e12),
        Metadata: { one: "1", two: "zwei" },
      }),
    );
    expect(put.ETag).toBe(`"${md5("hello")}"`);
    expect(put.ChecksumCRC32).toBe("NhCmhg==");
    const told = {
      ContentLength: 5,
      ContentType: "text/plain",
      CacheControl: "no-store",
      ContentDisposition: "inline",
      ContentEncoding: "identity",
      ContentLanguage: "de",
      ETag: `"${md5("hello")}"`,
      Metadata: { one: "1", two: "zwei" },
    };
    const get = await s3.send(new GetObjectCommand({ Bucket, Key: "a/b c+é.txt" }));
    expect(get).toMatchObject(told);
    expect(await get.Body?.transformToString()).toBe("hello");
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "a/b c+é.txt" }));
    expect(head).toMatchObject(told);
    expect(Math.abs(Number(head.LastModified) - Date.now())).toBeLessThan(60_000);
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "a/b c+é.txt" }));
    expect(await failure(s3.send(new HeadObjectCommand({ Bucket, Key: "a/b c+é.txt" })))).toEqual([
      404,
      "NotFound",
    ]);
    expect(await failure(s3.send(new GetObjectCommand({ Bucket, Key: "a/b c+é.txt" })))).toEqual([
      404,
      "NoSuchKey",
    ]);
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "a/b c+é.txt" }));
  });

  test("what S3 puts the worker gets, with its metadata", async () => {
    await s3.send(
      new PutObjectCommand({
        Bucket,
        Key: "shared",
        Body: "from S3",
        ContentType: "text/plain",
        Metadata: { a: "b" },
        StorageClass: "STANDARD_IA",
      }),
    );
    expect(await seen("shared")).toMatchObject({
      text: "from S3",
      httpMetadata: { contentType: "text/plain" },
      customMetadata: { a: "b" },
      storageClass: "InfrequentAccess",
    });
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "shared" }));
    expect(head.StorageClass).toBe("STANDARD_IA");
  });

  test("a stream in chunks with a checksum behind it", async () => {
    const value = randomBytes(3_000_000);
    for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "SHA1", "SHA256"] as const) {
      const put = await s3.send(
        new PutObjectCommand({
          Bucket,
          Key: "streamed",
          Body: Readable.from([
            value.subarray(0, 10),
            value.subarray(10, 2_000_000),
            value.subarray(2_000_000),
          ]),
          ContentLength: value.length,
          ChecksumAlgorithm,
        }),
      );
      expect(put.ETag).toBe(`"${md5(value)}"`);
      expect(put).toHaveProperty(`Checksum${ChecksumAlgorithm}`);
      const get = await s3.send(new GetObjectCommand({ Bucket, Key: "streamed" }));
      expect(Buffer.from((await get.Body?.transformToByteArray()) ?? []).equals(value)).toBe(true);
    }
    const get = await s3.send(new HeadObjectCommand({ Bucket, Key: "streamed" }));
    expect(get.ContentEncoding).toBeUndefined();
  });

  test("an empty object, and objects of any key", async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: "empty", Body: Buffer.alloc(0), ContentLength: 0 }));
    expect((await s3.send(new GetObjectCommand({ Bucket, Key: "empty" }))).ContentLength).toBe(0);
    for (const Key of ["-", "a//b", "/lead", "trail/", "?#&=;,'()*!~", "日本語/🧨", "%2F%20+"]) {
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      expect(await Body?.transformToString()).toBe(Key);
      await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    }
  });

  test("ranges and conditions", async () => {
    const Key = "conditional";
    const { ETag } = await s3.send(new PutObjectCommand({ Bucket, Key, Body: "0123456789" }));
    const get = async (input: object) => {
      const answer = await s3.send(new GetObjectCommand({ Bucket, Key, ...input }));
      return [answer.$metadata.httpStatusCode, answer.ContentRange, await answer.Body?.transformToString()];
    };
    expect(await get({ Range: "bytes=2-4" })).toEqual([206, "bytes 2-4/10", "234"]);
    expect(await get({ Range: "bytes=-3" })).toEqual([206, "bytes 7-9/10", "789"]);
    expect(await get({ Range: "bytes=8-100" })).toEqual([206, "bytes 8-9/10", "89"]);
    expect(await get({ Range: "nonsense" })).toEqual([200, undefined, "0123456789"]);
    expect(await failure(get({ Range: "bytes=10-" }))).toEqual([416, "InvalidRange"]);
    expect(await get({ IfMatch: ETag })).toEqual([200, undefined, "0123456789"]);
    expect(await failure(get({ IfMatch: '"other"' }))).toEqual([412, "PreconditionFailed"]);
    expect((await failure(get({ IfNoneMatch: ETag })))?.[0]).toBe(304);
    expect((await failure(get({ IfModifiedSince: new Date(Date.now() + 60_000) })))?.[0]).toBe(304);
    expect(await failure(get({ IfUnmodifiedSince: new Date(0) }))).toEqual([412, "PreconditionFailed"]);
    expect(await get({ IfUnmodifiedSince: new Date() })).toEqual([200, undefined, "0123456789"]);
    const put = (input: object) => s3.send(new PutObjectCommand({ Bucket, Key, Body: "new", ...input }));
    expect(await failure(put({ IfNoneMatch: "*" }))).toEqual([412, "PreconditionFailed"]);
    expect(await failure(put({ IfMatch: '"other"' }))).toEqual([412, "PreconditionFailed"]);
    expect((await put({ IfMatch: ETag })).ETag).toBe(`"${md5("new")}"`);
  });

  test("a request may set the headers of its response", async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: "overridden", Body: "x", ContentType: "a/b" }));
    const get = await s3.send(
      new GetObjectCommand({
        Bucket,
        Key: "overridden",
        ResponseContentType: "text/html",
        ResponseContentDisposition: "attachment",
      }),
    );
    expect(get).toMatchObject({ ContentType: "text/html", ContentDisposition: "attachment" });
  });

  test("wrong checksums are refused, and nothing is stored", async () => {
    const put = (input: object) =>
      s3.send(new PutObjectCommand({ Bucket, Key: "wrong", Body: "hello", ...input }));
    const wrong = Buffer.alloc(16).toString("base64");
    expect(await failure(put({ ContentMD5: wrong }))).toEqual([400, "BadDigest"]);
    expect(await failure(put({ ContentMD5: "short" }))).toEqual([400, "InvalidDigest"]);
    expect(await failure(put({ ChecksumCRC32: "AAAAAA==" }))).toEqual([400, "BadDigest"]);
    expect(await failure(put({ ChecksumCRC64NVME: "AAAAAAAAAAA=" }))).toEqual([400, "BadDigest"]);
    expect(await failure(s3.send(new HeadObjectCommand({ Bucket, Key: "wrong" })))).toEqual([
      404,
      "NotFound",
    ]);
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html: of "hello".
    expect((await put({ ChecksumCRC64NVME: "M3eFcAZSQlc=" })).ChecksumCRC64NVME).toBe("M3eFcAZSQlc=");
    expect((await put({ ChecksumCRC32C: "mnG7TA==" })).ChecksumCRC32C).toBe("mnG7TA==");
  });

  test("copies, with the source's metadata or with new ones", async () => {
    await s3.send(
      new PutObjectCommand({
        Bucket,
        Key: "source é/1",
        Body: "copied",
        ContentType: "a/b",
        Metadata: { a: "1" },
      }),
    );
    const CopySource = `/${Bucket}/${encodeURIComponent("source é/1")}`;
    const copy = await s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource }));
    expect(copy.CopyObjectResult?.ETag).toBe(`"${md5("copied")}"`);
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key: "copy" }))).toMatchObject({
      ContentType: "a/b",
      Metadata: { a: "1" },
    });
    await s3.send(
      new CopyObjectCommand({
        Bucket: "own-bucket",
        Key: "copy",
        CopySource,
        MetadataDirective: "REPLACE",
        ContentType: "c/d",
      }),
    );
    const head = await s3.send(new HeadObjectCommand({ Bucket: "own-bucket", Key: "copy" }));
    expect(head).toMatchObject({ ContentType: "c/d", ContentLength: 6, Metadata: {} });
    const copyOf = (input: object) =>
      s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource, ...input }));
    expect(await failure(copyOf({ CopySource: `${Bucket}/none` }))).toEqual([404, "NoSuchKey"]);
    expect(await failure(copyOf({ CopySource: "nowhere/none" }))).toEqual([404, "NoSuchBucket"]);
    expect(await failure(copyOf({ CopySource: "nothing" }))).toEqual([400, "InvalidArgument"]);
    expect(await failure(copyOf({ CopySourceIfMatch: '"x"' }))).toEqual([412, "PreconditionFailed"]);
    await s3.send(
      new CopyObjectCommand({
        Bucket,
        Key: "copy",
        CopySource: `${Bucket}/copy`,
        MetadataDirective: "REPLACE",
      }),
    );
    expect(await seen("copy")).toMatchObject({ text: "copied", httpMetadata: {} });
  });

  test("a customer's key", async () => {
    const key = randomBytes(32);
    const customer = {
      SSECustomerAlgorithm: "AES256",
      SSECustomerKey: key.toString("base64"),
      SSECustomerKeyMD5: createHash("md5").update(key).digest("base64"),
    };
    const put = await s3.send(new PutObjectCommand({ Bucket, Key: "sse", Body: "x", ...customer }));
    expect(put.SSECustomerKeyMD5).toBe(customer.SSECustomerKeyMD5);
    const get = await s3.send(new GetObjectCommand({ Bucket, Key: "sse", ...customer }));
    expect(get.SSECustomerAlgorithm).toBe("AES256");
    expect(await failure(s3.send(new GetObjectCommand({ Bucket, Key: "sse" })))).toEqual([
      400,
      "InvalidArgument",
    ]);
  });

  test("what R2 does not have is refused", async () => {
    expect(await failure(s3.send(new GetObjectTaggingCommand({ Bucket, Key: "x" })))).toEqual([
      501,
      "NotImplemented",
    ]);
    const tagged = new PutObjectCommand({ Bucket, Key: "x", Body: "x", Tagging: "a=b" });
    expect(await failure(s3.send(tagged))).toEqual([501, "NotImplemented"]);
    const odd = new PutObjectCommand({ Bucket, Key: "x", Body: "x", StorageClass: "GLACIER" });
    expect(await failure(s3.send(odd))).toEqual([400, "InvalidArgument"]);
    const long = new PutObjectCommand({ Bucket, Key: "x".repeat(1025), Body: "x" });
    expect(await failure(s3.send(long))).toEqual([400, "InvalidObjectName"]);
    const much = new PutObjectCommand({ Bucket, Key: "x", Body: "x", Metadata: { a: "x".repeat(8192) } });
    expect(await failure(s3.send(much))).toEqual([400, "MetadataTooLarge"]);
  });
});

describe("buckets and lists", () => {
  test("buckets are those of the configuration", async () => {
    const { Buckets } = await s3.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toEqual(["files", "own-bucket", "UNNAMED-stored"]);
    await s3.send(new HeadBucketCommand({ Bucket }));
    expect((await s3.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint).toBe("auto");
    expect(await failure(s3.send(new HeadBucketCommand({ Bucket: "none" })))).toEqual([404, "NotFound"]);
    expect(await failure(s3.send(new ListObjectsV2Command({ Bucket: "none" })))).toEqual([
      404,
      "NoSuchBucket",
    ]);
    expect(await failure(s3.send(new CreateBucketCommand({ Bucket })))).toEqual([
      409,
      "BucketAlreadyOwnedByYou",
    ]);
    expect(await failure(s3.send(new DeleteBucketCommand({ Bucket })))).toEqual([501, "NotImplemented"]);
  });

  test("ListObjectsV2 and ListObjects: prefix, delimiter, pages, encoding", async () => {
    const keys = ["l/a", "l/b/1", "l/b/2", "l/c d&<é>", "l/e\u0001", "l/z"];
    for (const Key of keys) await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
    const all = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "l/" }));
    expect(all.Contents?.map(({ Key }) => Key)).toEqual(keys);
    expect(all).toMatchObject({ KeyCount: 6, IsTruncated: false, MaxKeys: 1000, Name: Bucket, Prefix: "l/" });
    expect(all.Contents?.[0]).toMatchObject({ ETag: `"${md5("l/a")}"`, Size: 3, StorageClass: "STANDARD" });
    const pages: unknown[] = [];
    for (let ContinuationToken: string | undefined; ; ) {
      const page: Awaited<ReturnType<typeof listed>> = await listed({ MaxKeys: 2, ContinuationToken });
      pages.push([page.Contents?.map(({ Key }) => Key), page.CommonPrefixes?.map(({ Prefix }) => Prefix)]);
      ContinuationToken = page.NextContinuationToken;
      if (ContinuationToken === undefined) break;
    }
    async function listed(input: object) {
      return s3.send(new ListObjectsV2Command({ Bucket, Prefix: "l/", Delimiter: "/", ...input }));
    }
    expect(pages).toEqual([
      [["l/a"], ["l/b/"]],
      [["l/c d&<é>", "l/e\u0001"], undefined],
      [["l/z"], undefined],
    ]);
    const encoded = await listed({ EncodingType: "url", StartAfter: "l/b/2" });
    expect(encoded.Contents?.map(({ Key }) => Key)).toEqual(["l/c%20d%26%3C%C3%A9%3E", "l/e%01", "l/z"]);
    expect((await listed({ MaxKeys: 0 })).KeyCount).toBe(0);
    expect(await failure(listed({ ContinuationToken: "forged" }))).toEqual([400, "InvalidArgument"]);
    const first = await s3.send(new ListObjectsCommand({ Bucket, Prefix: "l/", Delimiter: "/", MaxKeys: 2 }));
    expect(first).toMatchObject({ IsTruncated: true, NextMarker: "l/b/" });
    const next = { Bucket, Prefix: "l/", Delimiter: "/", Marker: first.NextMarker };
    const second = await s3.send(new ListObjectsCommand(next));
    expect(second.Contents?.map(({ Key }) => Key)).toEqual(["l/c d&<é>", "l/e\u0001", "l/z"]);
    expect(second.Contents?.[0]?.Owner).toEqual({ ID: "local", DisplayName: "local" });
  });

  test("DeleteObjects", async () => {
    const keys = ["del/1", "del/ 2 ", "del/<&>'\"", "del/none"];
    for (const Key of keys.slice(0, 3)) await s3.send(new PutObjectCommand({ Bucket, Key, Body: "x" }));
    const objects = (list: string[]) => ({ Objects: list.map(Key => ({ Key })) });
    const answer = await s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: objects([...keys, "x".repeat(1025)]) }),
    );
    expect(answer.Deleted?.map(({ Key }) => Key)).toEqual(keys);
    expect(answer.Errors?.map(({ Code }) => Code)).toEqual(["InvalidObjectName"]);
    expect((await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "del/" }))).KeyCount).toBe(0);
    const quiet = new DeleteObjectsCommand({ Bucket, Delete: { ...objects(["a"]), Quiet: true } });
    expect((await s3.send(quiet)).Deleted).toBeUndefined();
    const many = Array.from({ length: 1001 }, (_, index) => `k${index}`);
    const over = new DeleteObjectsCommand({ Bucket, Delete: objects(many) });
    expect(await failure(s3.send(over))).toEqual([400, "MalformedXML"]);
    const none = new DeleteObjectsCommand({ Bucket, Delete: { Objects: [] } });
    expect(await failure(s3.send(none))).toEqual([400, "MalformedXML"]);
  });
});

describe("multipart uploads", () => {
  test("from parts to an object", async () => {
    const Key = "multi part";
    const { UploadId } = await s3.send(
      new CreateMultipartUploadCommand({ Bucket, Key, ContentType: "a/b", Metadata: { a: "b" } }),
    );
    const five = Buffer.alloc(MB5, "a");
    const one = await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: five }));
    expect(one.ETag).toBe(`"${md5(five)}"`);
    await s3.send(new PutObjectCommand({ Bucket, Key: "part source", Body: "0123456789" }));
    const two = await s3.send(
      new UploadPartCopyCommand({
        Bucket,
        Key,
        UploadId,
        PartNumber: 2,
        CopySource: `${Bucket}/part%20source`,
        CopySourceRange: "bytes=2-5",
      }),
    );
    const list = await s3.send(new ListPartsCommand({ Bucket, Key, UploadId, MaxParts: 1 }));
    expect(list).toMatchObject({ IsTruncated: true, NextPartNumberMarker: "1" });
    expect(list.Parts).toMatchObject([{ PartNumber: 1, Size: MB5, ETag: one.ETag }]);
    const uploads = await s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix: "multi" }));
    expect(uploads.Uploads).toMatchObject([{ Key, UploadId }]);
    const complete = (...parts: { PartNumber: number; ETag: string | undefined }[]) =>
      s3.send(
        new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts: parts } }),
      );
    const parts = [
      { PartNumber: 1, ETag: one.ETag },
      { PartNumber: 2, ETag: two.CopyPartResult?.ETag },
    ] as const;
    expect(await failure(complete(parts[1], parts[0]))).toEqual([400, "InvalidPartOrder"]);
    expect(await failure(complete({ PartNumber: 1, ETag: '"x"' }))).toEqual([400, "InvalidPart"]);
    expect(await failure(complete())).toEqual([400, "MalformedXML"]);
    const done = await complete(...parts);
    const etag = `"${md5(Buffer.from(md5(five) + md5("2345"), "hex"))}-2"`;
    expect(done.ETag).toBe(etag);
    const get = await s3.send(new GetObjectCommand({ Bucket, Key, Range: "bytes=-6" }));
    expect(get).toMatchObject({ ETag: etag, ContentType: "a/b", Metadata: { a: "b" } });
    expect(await get.Body?.transformToString()).toBe("aa2345");
    expect(await failure(complete(...parts))).toEqual([404, "NoSuchUpload"]);
  });

  test("abort, and what cannot be", async () => {
    const Key = "aborted";
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    const part = (input: object) =>
      s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: "x", ...input }));
    await part({});
    expect(await failure(part({ PartNumber: 0 }))).toEqual([400, "InvalidArgument"]);
    expect(await failure(part({ PartNumber: 10_001 }))).toEqual([400, "InvalidArgument"]);
    expect(await failure(part({ UploadId: "none" }))).toEqual([404, "NoSuchUpload"]);
    await s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    expect(await failure(part({}))).toEqual([404, "NoSuchUpload"]);
    expect(await failure(s3.send(new ListPartsCommand({ Bucket, Key, UploadId })))).toEqual([
      404,
      "NoSuchUpload",
    ]);
    const uploads = await s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix: "aborted" }));
    expect(uploads.Uploads).toBeUndefined();
  });
});

describe("who may use it", () => {
  const put = new PutObjectCommand({ Bucket: "own-bucket", Key: "k", Body: "x" });

  test("a bucket's own credentials, and those that every bucket has", async () => {
    const own = client({ credentials: OWN });
    await own.send(put);
    await s3.send(put);
    expect(await failure(own.send(new ListObjectsV2Command({ Bucket: "files" })))).toEqual([
      401,
      "Unauthorized",
    ]);
    const { Buckets } = await own.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toEqual(["own-bucket"]);
    own.destroy();
  });

  test("nobody else", async () => {
    const wrongSecret = client({ credentials: { ...LOCAL, secretAccessKey: "guessed" } });
    expect(await failure(wrongSecret.send(put))).toEqual([403, "SignatureDoesNotMatch"]);
    const wrongKey = client({ credentials: { accessKeyId: "x", secretAccessKey: "y" } });
    expect(await failure(wrongKey.send(put))).toEqual([401, "Unauthorized"]);
    const skewed = client({ systemClockOffset: 20 * 60_000 });
    expect(await failure(skewed.send(put))).toEqual([403, "RequestTimeTooSkewed"]);
    const session = client({ credentials: { ...LOCAL, sessionToken: "token" } });
    expect(await failure(session.send(put))).toEqual([501, "NotImplemented"]);
    for (const each of [wrongSecret, wrongKey, skewed, session]) each.destroy();
    const url = `${server.url}/cdn-cgi/local/r2/s3/files/shared`;
    const plain = await fetch(url);
    expect([plain.status, await plain.text()]).toEqual([
      400,
      expect.stringMatching(
        /^<\?xml .*<Error><Code>InvalidArgument<\/Code><Message>Authorization<\/Message>/s,
      ),
    ]);
    const basic = await fetch(url, {
      headers: { authorization: "Basic eDp5", "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
    });
    expect(basic.status).toBe(400);
  });

  test("nothing of what was signed can be changed", async () => {
    const sent: { url: string; headers: Record<string, string> }[] = [];
    const spy = client();
    spy.middlewareStack.add(
      next => async args => {
        const { path, query, headers } = args.request as {
          path: string;
          query: Record<string, string>;
          headers: Record<string, string>;
        };
        sent.push({ url: `${server.url}${path}?${new URLSearchParams(query)}`, headers: { ...headers } });
        return next(args);
      },
      { step: "finalizeRequest", priority: "low" },
    );
    await spy.send(new PutObjectCommand({ Bucket, Key: "signed", Body: "hello" }));
    spy.destroy();
    const { url, headers } = sent[0]!;
    delete headers["host"];
    delete headers["content-length"];
    const repeat = async (change: { url?: string; body?: string; headers?: Record<string, string> }) => {
      const answer = await fetch(change.url ?? url, {
        method: "PUT",
        body: change.body ?? "hello",
        headers: { ...headers, ...change.headers },
      });
      return [answer.status, /<Code>(\w+)/.exec(await answer.text())?.[1]];
    };
    expect(await repeat({})).toEqual([200, undefined]);
    expect(await repeat({ url: url.replace("signed", "other") })).toEqual([403, "SignatureDoesNotMatch"]);
    expect(await repeat({ url: `${url}&x=1` })).toEqual([403, "SignatureDoesNotMatch"]);
    expect(await repeat({ body: "HELLO" })).toEqual([400, expect.stringMatching(/BadDigest|Mismatch/)]);
    const signedHeader = Object.keys(headers).find(name => name.startsWith("x-amz-checksum")) ?? "";
    expect(await repeat({ headers: { [signedHeader]: "AAAAAA==" } })).toEqual([403, "SignatureDoesNotMatch"]);
  });

  test("foreign sites are refused", async () => {
    for (const header of ["Host: evil.example", `Host: localhost\r\nOrigin: https://evil.example`]) {
      const answer = await exchange(
        server.port,
        `GET /cdn-cgi/local/r2/s3/files/shared HTTP/1.1\r\n${header}\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1.1 403 /);
    }
  });
});

describe("presigned URLs", () => {
  test("put and get, by whoever has them", async () => {
    const put = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: "pre signed" }), {
      expiresIn: 60,
    });
    const answer = await fetch(put, { method: "PUT", body: "by a browser" });
    expect(answer.status).toBe(200);
    const get = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: "pre signed" }), {
      expiresIn: 60,
    });
    expect(await (await fetch(get)).text()).toBe("by a browser");
    expect((await fetch(get, { method: "PUT", body: "x" })).status).toBe(403);
    expect((await fetch(get.replace("pre%20signed", "other"))).status).toBe(403);
    const later = await getSignedUrl(
      client({ systemClockOffset: -120_000 }),
      new GetObjectCommand({ Bucket, Key: "x" }),
      {
        expiresIn: 60,
        signingDate: new Date(Date.now() - 120_000),
      },
    );
    const expired = await fetch(later);
    expect([expired.status, await expired.text()]).toEqual([403, expect.stringContaining("ExpiredRequest")]);
    const ranged = await fetch(get, { headers: { range: "bytes=0-1" } });
    expect([ranged.status, await ranged.text()]).toEqual([206, "by"]);
  });

  test("carry metadata in any script", async () => {
    const Metadata = { word: "Привет", name: "Łajka" };
    const command = new PutObjectCommand({ Bucket, Key: "scripts", Metadata });
    const url = await getSignedUrl(s3, command, { expiresIn: 60 });
    expect((await fetch(url, { method: "PUT", body: "x" })).status).toBe(200);
    expect(await seen("scripts")).toMatchObject({ customMetadata: Metadata });
  });

  test("a page of another local server may use them", async () => {
    const origin = "http://localhost:5173";
    const url = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: "cors" }), { expiresIn: 60 });
    const preflight = await fetch(url, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "PUT",
        "access-control-request-headers": "content-type",
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-origin")).toBe(origin);
    expect(preflight.headers.get("access-control-allow-methods")).toContain("PUT");
    expect(preflight.headers.get("access-control-allow-headers")).toBe("content-type");
    const put = await fetch(url, { method: "PUT", body: "x", headers: { origin } });
    expect([put.status, put.headers.get("access-control-allow-origin")]).toEqual([200, origin]);
  });
});

describe("hostile requests", () => {
  const raw = (path: string, ...headers: string[]) =>
    exchange(
      server.port,
      `${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${headers.join("\r\n")}\r\n\r\n`,
    );

  test("answer with an error, and the server lives", async () => {
    const prefix = "/cdn-cgi/local/r2/s3";
    expect(await raw(`GET ${prefix}/files/%zz`)).toMatch(/^HTTP\/1.1 400 .*InvalidURI/s);
    expect(await raw(`GET ${prefix}/files/x?a=%zz`)).toMatch(/^HTTP\/1.1 400 .*InvalidURI/s);
    expect(await raw(`GET ${prefix}/files/x`, "Authorization: AWS4-HMAC-SHA256 Credential=,,,")).toMatch(
      /^HTTP\/1.1 400 /,
    );
    expect(await raw(`GET ${prefix}/files/x?X-Amz-Credential=a`)).toMatch(/^HTTP\/1.1 400 .*missing/s);
    expect(await raw(`GET ${prefix}`)).toMatch(/^HTTP\/1.1 400 /);
    expect(await raw(`GET ${prefix}files/shared`)).toMatch(/^HTTP\/1.1 404 /);
    expect(await raw(`TRACE ${prefix}/files`)).toMatch(/^HTTP\/1.1 400 /);
    await s3.send(new HeadBucketCommand({ Bucket }));
  });

  test("XML that is none, or that is a trap", async () => {
    const send = async (body: string) => {
      const writer = client();
      writer.middlewareStack.add(
        next => async args => {
          (args.request as { body: string }).body = body;
          return next(args);
        },
        { step: "serialize", priority: "low" },
      );
      const outcome = await failure(
        writer.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "a" }] } })),
      );
      writer.destroy();
      return outcome;
    };
    const bomb = `<!DOCTYPE x [<!ENTITY a "${"x".repeat(1000)}">]><Delete><Object><Key>&a;</Key></Object></Delete>`;
    for (const body of ["", "nonsense", "<Delete>", "<Other/>", "<Delete><Object/></Delete>", bomb]) {
      expect(await send(body)).toEqual([400, "MalformedXML"]);
    }
  });
});
