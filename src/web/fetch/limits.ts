/** What fetch() takes and gives at most. */
export const fetchLimits = {
  /** A response's header section, as on workerd. */
  responseHeaderBytes: 128 * 1024,
  /** A response's body that travels with its head instead of as a stream. */
  inlineBodyBytes: 16 * 1024,
};
