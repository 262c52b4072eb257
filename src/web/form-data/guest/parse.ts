/** Bodies to FormData (https://fetch.spec.whatwg.org/#dom-body-formdata). */
import { utf8Decode } from "../../encoding/guest.ts";
import { parseForm } from "../../url/guest/form.ts";
import { type FormData, formDataOver } from "../guest.ts";
import { mimeTypeOf } from "./mime-type.ts";
import { parseMultipart } from "./multipart.ts";

const UTF8_LABEL = /^(?:utf-?8|unicode-1-1-utf-8)$/i;

/** Parses a body by its Content-Type. Throws a TypeError for what is not a form. */
export function parseFormData(body: Uint8Array<ArrayBuffer>, contentType: string): FormData {
  const type = mimeTypeOf(contentType);
  if (type?.essence === "multipart/form-data") {
    const boundary = type.parameters.get("boundary");
    if (boundary === undefined) {
      throw new TypeError(
        "No boundary string in Content-Type header. The multipart/form-data MIME type requires a boundary " +
          "parameter, e.g. 'Content-Type: multipart/form-data; boundary=\"abcd\"'. See RFC 7578, section 4.",
      );
    }
    return formDataOver(parseMultipart(body, boundary));
  }
  if (type?.essence === "application/x-www-form-urlencoded") {
    if (!UTF8_LABEL.test(type.parameters.get("charset") ?? "utf-8")) {
      throw new TypeError("Non-utf-8 application/x-www-form-urlencoded body.");
    }
    return formDataOver(parseForm(utf8Decode(body)));
  }
  throw new TypeError(
    "Unrecognized Content-Type header value. FormData can only parse the following MIME types: " +
      "multipart/form-data, application/x-www-form-urlencoded",
  );
}
