/** Against the examples of AWS's documentation: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { readChunks } from "../../../src/bindings/r2/s3/chunks.ts";
import { Crc32, Crc32c, Crc64Nvme } from "../../../src/bindings/r2/s3/crc.ts";
import {
  amzDate,
  canonicalText,
  chunkSignature,
  parseAmzDate,
  scopeText,
  sha256,
  signatureOf,
  signingKey,
} from "../../../src/bindings/r2/s3/sigv4.ts";

const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const DATE = "20130524T000000Z";
const scope = { day: "20130524", region: "us-east-1" };
const key = signingKey(SECRET, scope);
const HOST = ["host", "examplebucket.s3.amazonaws.com"] as const;

test("a signed request", () => {
  const canonical = canonicalText({
    method: "GET",
    path: "/test.txt",
    query: [],
    headers: [HOST, ["range", "bytes=0-9"], ["x-amz-content-sha256", sha256("")], ["x-amz-date", DATE]],
    payloadHash: sha256(""),
  });
  expect(signatureOf(key, DATE, scope, canonical)).toBe(
    "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
  );
});

test("a presigned URL, whatever the order of its parameters", () => {
  const query = [
    ["X-Amz-SignedHeaders", "host"],
    ["X-Amz-Expires", "86400"],
    ["X-Amz-Date", DATE],
    ["X-Amz-Credential", "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"],
    ["X-Amz-Algorithm", "AWS4-HMAC-SHA256"],
  ] as const;
  const canonical = canonicalText({
    method: "GET",
    path: "/test.txt",
    query,
    headers: [HOST],
    payloadHash: "UNSIGNED-PAYLOAD",
  });
  expect(signatureOf(key, DATE, scope, canonical)).toBe(
    "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
  );
});

test("moments", () => {
  expect(amzDate(Date.parse("2013-05-24T00:00:00.123Z"))).toBe(DATE);
  expect(parseAmzDate(DATE)).toBe(Date.parse("2013-05-24T00:00:00Z"));
  for (const wrong of ["", "2013-05-24T00:00:00Z", "20131324T000000Z", "Fri, 24 May 2013"])
    expect(parseAmzDate(wrong)).toBeNaN();
});

describe("bodies in signed chunks", () => {
  const seed = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
  const signatures = [
    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
  ];
  const authentication = (payloadHash: string) => ({ payloadHash, signature: seed, key, date: DATE, scope });
  const body = (first = "a".repeat(65_536), given = signatures) =>
    [
      `10000;chunk-signature=${given[0]}\r\n${first}\r\n`,
      `400;chunk-signature=${given[1]}\r\n${"a".repeat(1024)}\r\n`,
      `0;chunk-signature=${given[2]}\r\n\r\n`,
    ].join("");

  /** Cut into pieces of every size, as a network does. */
  const read = async (text: string, payloadHash: string, pieceBytes: number, trailers = new Map()) => {
    const bytes = Buffer.from(text);
    const pieces = Array.from({ length: Math.ceil(bytes.length / pieceBytes) }, (_, index) =>
      bytes.subarray(index * pieceBytes, (index + 1) * pieceBytes),
    );
    const chunks = readChunks(Readable.from(pieces), authentication(payloadHash), trailers);
    return (await buffer(chunks)).toString();
  };
  const refusal = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      (error: { code?: string }) => error.code,
    );

  test("AWS's example", async () => {
    for (const pieceBytes of [1000, 65_536, 1_000_000]) {
      const text = await read(body(), "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", pieceBytes);
      expect(text).toBe("a".repeat(66_560));
    }
  });

  test("a chunk that was changed, left out or is not signed is refused", async () => {
    const mode = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
    const changed = body(`b${"a".repeat(65_535)}`);
    expect(await refusal(read(changed, mode, 5000))).toBe("SignatureDoesNotMatch");
    const leftOut = body().slice(body().indexOf("400;"));
    expect(await refusal(read(leftOut, mode, 5000))).toBe("SignatureDoesNotMatch");
    const unsigned = body().replace(/;chunk-signature=\w+/g, "");
    expect(await refusal(read(unsigned, mode, 5000))).toBe("SignatureDoesNotMatch");
    const endForged = body(undefined, [signatures[0]!, signatures[1]!, "0".repeat(64)]);
    expect(await refusal(read(endForged, mode, 5000))).toBe("SignatureDoesNotMatch");
  });

  test("what stands behind the chunks is read, and its signature checked", async () => {
    const mode = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
    const trailer = "x-amz-checksum-crc32c:sOO8/Q==";
    const lines = [DATE, scopeText(scope), signatures[2]!, sha256(`${trailer}\n`)];
    const signature = chunkSignature(key, "TRAILER", lines);
    const whole = `${body().slice(0, -2)}${trailer}\r\nx-amz-trailer-signature:${signature}\r\n\r\n`;
    const trailers = new Map<string, string>();
    expect(await read(whole, mode, 777, trailers)).toHaveLength(66_560);
    expect(Object.fromEntries(trailers)).toEqual({ "x-amz-checksum-crc32c": "sOO8/Q==" });
    expect(await refusal(read(whole.replace("sOO8", "xxxx"), mode, 777))).toBe("SignatureDoesNotMatch");
  });

  test("bodies that are not in chunks are refused", async () => {
    const mode = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
    expect(await read("3\r\nabc\r\n0\r\n\r\n", mode, 1)).toBe("abc");
    const wrong = [
      "",
      "abc",
      "3\r\nabc",
      "3\r\nab\r\n0\r\n\r\n",
      "zz\r\n",
      "-1\r\n\r\n",
      "3\r\nabcd\r\n0\r\n\r\n",
      "0\r\n\r\nmore",
      "0\r\nno trailer\r\n\r\n",
      `${"1".repeat(10_000)}`,
      `0\r\n${"a:b\r\n".repeat(1000)}\r\n`,
    ];
    for (const text of wrong)
      expect([text, await refusal(read(text, mode, 3))]).toEqual([text, "IncompleteBody"]);
    expect(await refusal(read("0\r\n\r\n", "STREAMING-OTHER", 3))).toBe("NotImplemented");
  });
});

test("checksums", () => {
  const of = (make: () => { update(bytes: Uint8Array): void; digest(): string }) => {
    const checksum = make();
    checksum.update(Buffer.from("1234"));
    checksum.update(Buffer.from("56789"));
    return Buffer.from(checksum.digest(), "base64").toString("hex");
  };
  // The check values of https://reveng.sourceforge.io/crc-catalogue/.
  expect(of(() => new Crc32())).toBe("cbf43926");
  expect(of(() => new Crc32c())).toBe("e3069283");
  expect(of(() => new Crc64Nvme())).toBe("ae8b14860a799888");
});
