/** DeleteObjects: up to 1,000 keys at once. */
import { R2Error } from "../errors.ts";
import { type Operation, sendXml } from "./operation.ts";
import { textOf } from "./payload.ts";
import { malformedXml, parseXml } from "./xml.ts";

const MAX_BODY_BYTES = 8 * 1024 * 1024;

export const deleteObjects: Operation = async call => {
  const { items, root } = parseXml(await textOf(call.payload(), MAX_BODY_BYTES), "Delete", "Object");
  const keys = items.map(item => {
    const key = item.text("Key");
    if (key === undefined || key === "") throw malformedXml();
    return key;
  });
  if (keys.length === 0) throw malformedXml();
  const refused: { Key: string; Code: string; Message: string }[] = [];
  const { bucket } = call.target;
  try {
    await bucket.delete(keys);
  } catch (error) {
    if (!(error instanceof R2Error) || error.kind !== "InvalidObjectName") throw error;
    // One key that cannot be is no reason to keep the others.
    for (const key of keys) {
      await bucket.delete([key]).catch((reason: unknown) => {
        if (!(reason instanceof R2Error)) throw reason;
        refused.push({ Key: key, Code: reason.s3.code, Message: reason.message });
      });
    }
  }
  const quiet = root.text("Quiet")?.trim() === "true";
  const failed = new Set(refused.map(({ Key }) => Key));
  const Deleted = quiet ? [] : keys.filter(key => !failed.has(key)).map(Key => ({ Key }));
  sendXml(call, "DeleteResult", { Deleted, Error: refused });
};
