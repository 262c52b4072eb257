/** HTMLRewriter is workerd's; the tests' functions run where it is. */
declare class HTMLRewriter {
  on(selector: string, handlers: object): this;
  onDocument(handlers: object): this;
  transform(response: object): Response;
}
