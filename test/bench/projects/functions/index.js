export const revision = 0;

export default {
  add(_env, a, b) {
    return { sum: a + b };
  },
};
