/** A name as HTTP has it, and so have the headers of MIME (https://www.rfc-editor.org/rfc/rfc9110#name-tokens). */
export const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;
