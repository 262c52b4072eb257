export default {
  async fetch(request) {
    const body = request.body?.pipeThrough(new TransformStream());
    return new Response(body);
  },
};
