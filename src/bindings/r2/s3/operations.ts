/** Which operation of the S3 API a request asks for. */
import { copyObject } from "./copy.ts";
import { deleteObjects } from "./delete-objects.ts";
import { notImplemented, S3Error } from "./error.ts";
import { listObjects } from "./listing.ts";
import {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
  listMultipartUploads,
  listParts,
  uploadPart,
  uploadPartCopy,
} from "./multipart.ts";
import { deleteObject, getObject, putObject } from "./objects.ts";
import { type Operation, sendEmpty, sendXml } from "./operation.ts";
import type { S3Request } from "./request.ts";

/** Parts of a bucket's or an object's that are on Cloudflare, or on AWS alone. */
const SUBRESOURCES =
  "accelerate acl analytics attributes cors encryption intelligent-tiering inventory legal-hold lifecycle logging metrics " +
  "notification object-lock ownershipControls policy policyStatus publicAccessBlock replication requestPayment restore " +
  "retention select tagging torrent versioning versions website";
const subresources = new Set(SUBRESOURCES.split(" "));

export function operationFor(request: S3Request): Operation {
  const subresource = request.query.find(([name]) => subresources.has(name))?.[0];
  if (subresource !== undefined) throw notImplemented(`The subresource "${subresource}" is`);
  const operation = request.key === "" ? bucketOperation(request) : objectOperation(request);
  if (operation !== undefined) return operation;
  throw new S3Error(405, "MethodNotAllowed", "The specified method is not allowed against this resource.");
}

function bucketOperation(request: S3Request): Operation | undefined {
  switch (request.method) {
    case "HEAD":
      return async call => sendEmpty(call, 200, { "x-amz-bucket-region": "auto" });
    case "GET":
      if (request.has("uploads")) return listMultipartUploads;
      if (request.has("location")) return async call => sendXml(call, "LocationConstraint", "auto");
      return listObjects;
    case "POST":
      if (request.has("delete")) return deleteObjects;
      throw notImplemented("POST Object is");
    case "PUT":
      throw new S3Error(
        409,
        "BucketAlreadyOwnedByYou",
        "The bucket you tried to create already exists, and you own it.",
      );
    case "DELETE":
      throw notImplemented("Buckets are those of the configuration (r2_buckets): DeleteBucket is");
    default:
      return undefined;
  }
}

function objectOperation(request: S3Request): Operation | undefined {
  const hasUpload = request.has("uploadId");
  const copies = request.header("x-amz-copy-source") !== undefined;
  switch (request.method) {
    case "HEAD":
    case "GET":
      if (hasUpload && request.method === "GET") return listParts;
      if (request.has("partNumber")) throw notImplemented("Reading a part by its number is");
      return getObject;
    case "PUT":
      if (hasUpload) return copies ? uploadPartCopy : uploadPart;
      return copies ? copyObject : putObject;
    case "POST":
      if (request.has("uploads")) return createMultipartUpload;
      return hasUpload ? completeMultipartUpload : undefined;
    case "DELETE":
      return hasUpload ? abortMultipartUpload : deleteObject;
    default:
      return undefined;
  }
}
