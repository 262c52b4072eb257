import { expect, test } from "vitest";
import { slices } from "../../../src/bindings/configs.ts";
import { failure, loadValue } from "../../config/helpers.ts";

test("buckets: with a name, a preview's name, none, with credentials", async () => {
  const credentials = { accessKeyId: "id", secretAccessKey: "secret" };
  const { config, warnings } = await loadValue({
    name: "app",
    r2_buckets: [
      { binding: "A", bucket_name: "files", jurisdiction: "eu" },
      { binding: "B", bucket_name: "files", preview_bucket_name: "preview" },
      { binding: "C", remote: true },
      { binding: "D", bucket_name: "own", local_dev: { experimental_s3_credentials: credentials } },
    ],
  });
  expect(config.bindings).toEqual([
    { type: "r2", name: "A", id: "files", s3Credentials: null },
    { type: "r2", name: "B", id: "preview", s3Credentials: null },
    { type: "r2", name: "C", id: "C-app", s3Credentials: null },
    { type: "r2", name: "D", id: "own", s3Credentials: credentials },
  ]);
  expect(warnings).toEqual([
    expect.stringMatching(/"r2_buckets\[2\]\.remote" is ignored: this program only has local data$/),
  ]);
});

test("what is wrong is told, with its place", async () => {
  const error = await failure({
    "wrangler.json": JSON.stringify({
      main: "src/index.ts",
      r2_buckets: [
        {},
        { binding: "A", bucket_name: 5, local_dev: { experimental_s3_credentials: { accessKeyId: "x" } } },
      ],
    }),
  });
  expect(error.code).toBe("CONFIG_INVALID");
  expect(error.details).toContain('"r2_buckets[0].binding" should be a string');
  expect(error.details).toContain('"r2_buckets[1].bucket_name" should be a string');
  expect(error.details).toContain('"r2_buckets[1].local_dev.experimental_s3_credentials.secretAccessKey"');
});

test("how a bucket is described", async () => {
  const slice = slices.find(({ key }) => key === "r2_buckets");
  const { config } = await loadValue({ r2_buckets: [{ binding: "A", bucket_name: "files" }] });
  expect(slice?.describe(config.bindings[0] as never)).toBe("R2 bucket files");
  expect(slice?.envType(config.bindings[0] as never)).toBe("R2Bucket");
});
