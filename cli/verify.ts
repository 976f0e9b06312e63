import type { Command } from './command.ts'

export const verify: Command = {
  summary: 'checks a signature and names the key that matches; ignores time and replay',
  accepts: ['signature'],
  run ({ scheme, input, signature, keys }) {
    const key = keys.find(({ secret }) => scheme.verify(input, signature, secret))
    return key === undefined
      ? {
        exitCode: 1,
        text: `does not match with ${keys.map(({ id }) => id).join(', ')}`,
        json: { vendor: scheme.name, matches: false }
      }
      : {
        exitCode: 0,
        text: `matches with ${key.id}`,
        json: { vendor: scheme.name, matches: true, keyId: key.id }
      }
  },
  refuse: (reason, { scheme }) => ({
    exitCode: 1,
    text: `does not match: the input is refused, because ${reason}`,
    json: { vendor: scheme.name, matches: false, refused: reason }
  })
}
