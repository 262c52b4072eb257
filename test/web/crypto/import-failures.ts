/** What each of misuse.test.ts's imports fails with. */
export const importFailures: Readonly<Record<string, string>> = {
  "aes pkcs8": 'NotSupportedError: Unrecognized key import format "pkcs8".',
  alg: 'DataError: Symmetric "jwk" key contains invalid "alg" value "A256GCM", expected "A128GCM".',
  algorithm: 'NotSupportedError: Unrecognized key import algorithm "AES-XXX" requested.',
  "bad k": 'DataError: Symmetric "jwk" key import requires a base64Url encoding of the key.',
  "bad pkcs8": "DataError: Invalid PKCS8 input.",
  "bad spki": "DataError: Invalid SPKI input.",
  "ec alg": 'DataError: JSON Web Key Algorithm parameter "alg" ("ES384") does not match requested curve.',
  "ec infinity": "DataError: Failed to import raw EC key data.",
  "ec off the curve": 'OperationError: Invalid EC key; public key coordinates "x" and "y" are invalid.',
  "ec other private key": "DataError: Invalid EC key in JSON Web Key.",
  "ec private key zero": 'OperationError: Invalid EC key; private key component "d" is invalid.',
  "ec raw": "DataError: Failed to import raw EC key data.",
  "ed crv": 'NotSupportedError: Only Ed25519 is supported but "X25519" was requested.',
  "ed d": "DataError: Invalid length 3 for private key",
  "ed raw": "DataError: Ed25519 raw keys must be exactly 32-bytes (provided 31).",
  "ed x": "DataError: Invalid length 3 for public key",
  "empty hmac":
    "DataError: Imported HMAC key length (0) must be a non-zero value up to 7 bits less than, and no greater than, the bit length of the raw key data (0).",
  "extractable hkdf": "SyntaxError: HKDF key cannot be extractable.",
  format: 'NotSupportedError: Unrecognized key import format "foo".',
  "jwk for raw": "TypeError: Import data provided for buffer-based import formats must be a buffer source.",
  "key_ops missing": 'DataError: "jwk" key missing usage "encrypt", in "key_ops".',
  "key_ops twice": 'DataError: Symmetric "jwk" key contains duplicate value "encrypt", in "key_op".',
  "key_ops type":
    "TypeError: Incorrect type for the 'key_ops' field on 'JsonWebKey': the provided value is not of type 'Array'.",
  kty: 'DataError: Symmetric "jwk" key import requires a JSON Web Key with Key Type parameter "kty" equal to "oct" (encountered "EC").',
  length: "DataError: Imported AES key length must be 128, 192, or 256 bits but provided 120.",
  "no k": 'DataError: Symmetric "jwk" key import requires a base64Url encoding of the key.',
  "not extractable": 'DataError: JWK ext field for "AES-GCM" is set to false but extractable is true',
  nothing:
    "TypeError: Failed to execute 'importKey' on 'SubtleCrypto': parameter 2 is not of type 'BufferSource or JsonWebKey'.",
  "padded k": "nothing",
  "raw for jwk": 'TypeError: Import data provided for "jwk" import format must be a JsonWebKey.',
  "rsa alg":
    'DataError: JSON Web Key Algorithm parameter "alg" ("RS256") does not match requested hash algorithm "SHA-256".',
  "rsa exponent": "OperationError: Imported RSA key has invalid publicExponent 4.",
  "rsa key_ops":
    'DataError: All specified key usages must be present in the JSON Web Key\'s Key Operations parameter ("key_ops").',
  "rsa kty":
    'DataError: RSA-PSS "jwk" key import requires a JSON Web Key with Key Type parameter "kty" ("EC") equal to "RSA".',
  "rsa no n": 'DataError: Invalid RSA key in JSON Web Key; missing or invalid Modulus parameter ("n").',
  "rsa nonsense": "DataError: Invalid RSA key in JSON Web Key.",
  "rsa other primes": "NotSupportedError: Multi-prime private keys not supported.",
  "rsa part":
    'DataError: Invalid RSA private key in JSON Web Key; if one Prime Factor or CRT Exponent/Coefficient parameter is present, then they must all be present ("p", "q", "dp", "dq", "qi").',
  "rsa raw": 'NotSupportedError: Unrecognized key import format "raw".',
  "rsa size":
    "OperationError: The modulus length must be a multiple of 8 and between 256 and 16k, but 24 was requested.",
  "rsa use":
    'DataError: Asymmetric "jwk" key import with usages requires a JSON Web Key with Public Key Use parameter "use" ("enc") equal to "sig".',
  "short k": "DataError: Imported AES key length must be 128, 192, or 256 bits but provided 24.",
  "spki as pkcs8": "DataError: Invalid PKCS8 input.",
  "spki of rsa for ec": "DataError: Input was not an EC key.",
  "spki of rsa for ed": "DataError: Input was not an Ed25519 key.",
  text: "TypeError: Failed to execute 'importKey' on 'SubtleCrypto': parameter 2 is not of type 'BufferSource or JsonWebKey'.",
  "trailing spki": "DataError: Invalid 3 trailing bytes after SPKI input.",
  use: 'DataError: Symmetric "jwk" key must have a "use" of "enc", not "sig".',
};
