/** What crosses for Hyperdrive. */
export interface HyperdriveAsyncOps {
  /** Connects to the binding's database. The connection is one of `web/sockets` from then on, under the guest's handle. */
  "hyperdrive.connect"(handle: number, binding: string): null;
}
