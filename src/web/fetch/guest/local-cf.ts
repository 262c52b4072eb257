/** `request.cf` of a request that no Cloudflare data centre has seen: what wrangler shows when it is offline. */

const NAMES = [
  "IssuerDN",
  "SubjectDN",
  "IssuerDNRFC2253",
  "SubjectDNRFC2253",
  "IssuerDNLegacy",
  "SubjectDNLegacy",
];
const OTHERS = ["Serial", "IssuerSerial", "SKI", "IssuerSKI", "FingerprintSHA1", "FingerprintSHA256"];
const NO_TEXT = [...NAMES, ...OTHERS, "NotBefore", "NotAfter", "RFC9440", "ChainRFC9440"];

/** No client certificate was presented. */
const tlsClientAuth = {
  certPresented: "0",
  certVerified: "NONE",
  certRevoked: "0",
  ...Object.fromEntries(NO_TEXT.map(name => [`cert${name}`, ""])),
  certRFC9440TooLarge: false,
  certChainRFC9440TooLarge: false,
};

/** As JSON, so that a request that is never asked for it costs nothing, and each that is has an object of its own. */
export const LOCAL_CF: string = JSON.stringify({
  asn: 395747,
  asOrganization: "",
  colo: "DFW",
  continent: "NA",
  country: "US",
  region: "Texas",
  regionCode: "TX",
  city: "Austin",
  metroCode: "635",
  postalCode: "78701",
  timezone: "America/Chicago",
  latitude: "30.27130",
  longitude: "-97.74260",
  clientTcpRtt: 0,
  httpProtocol: "HTTP/1.1",
  requestPriority: "weight=192;exclusive=0",
  edgeRequestKeepAliveStatus: 0,
  tlsVersion: "TLSv1.3",
  tlsCipher: "AEAD-AES128-GCM-SHA256",
  tlsClientAuth,
  clientTrustScore: 99,
  botManagement: {
    corporateProxy: false,
    detectionIds: [],
    ja3Hash: "25b4882c2bcb50cd6b469ff28c596742",
    score: 99,
    staticResource: false,
    verifiedBot: false,
  },
});
