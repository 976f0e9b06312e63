// Used only by vitest.neighbour.ts.
export default { test: { include: ['guides-code/*.vitest.ts'] } }
