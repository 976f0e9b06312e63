/** The TwiML instructions that the simulator supports. */
export type Instruction =
  | { readonly verb: 'Say', readonly text: string }
  | { readonly verb: 'Pause', readonly seconds: number }
  | { readonly verb: 'Redirect', readonly url: string }
  | { readonly verb: 'Dial', readonly number: string, readonly action: string }
  | { readonly verb: 'Hangup' }

const verbs = /<(Say|Pause|Redirect|Dial|Hangup)\b([^>]*?)(?:\/>|>([\s\S]*?)<\/\1>)/g

/** @throws {SyntaxError} for an unsupported document */
export function readInstructions (document: string): Instruction[] {
  const [, content] = /^<\?xml [^>]*\?>\s*<Response>([\s\S]*)<\/Response>\s*$/.exec(document) ?? []
  if (content === undefined || content.replaceAll(verbs, '').trim() !== '') {
    throw new SyntaxError('the simulator does not support this TwiML')
  }
  return [...content.matchAll(verbs)].map(([, verb, attributes = '', content = '']) => {
    const text = unescapeXml(content.replaceAll(/<[^>]*>/g, ''))
    switch (verb) {
      case 'Say':
        return { verb, text }
      case 'Pause':
        return { verb, seconds: Number(readAttribute(attributes, 'length') || 1) }
      case 'Redirect':
        return { verb, url: text }
      case 'Dial':
        return { verb, number: text, action: readAttribute(attributes, 'action') }
      default:
        return { verb: 'Hangup' }
    }
  })
}

function readAttribute (attributes: string, name: string): string {
  return unescapeXml(new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? '')
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function unescapeXml (text: string): string {
  return text.replaceAll(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => entities[name] ?? '')
}
