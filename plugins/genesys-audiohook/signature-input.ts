import { InputError } from '../kit/scheme.ts'

/** What a Signature-Input header says: the components in order, and the signature's parameters. */
export interface SignatureInput {
  readonly label: string
  readonly components: readonly string[]
  readonly parameters: SignatureParameters
  /** Components and parameters as they are signed: written anew from what was read. */
  readonly text: string
}

/** Times are epoch seconds. */
export interface SignatureParameters {
  keyid?: string
  nonce?: string
  alg?: string
  created?: number
  expires?: number
}

/** Genesys's has some 300 characters. */
const mostCharacters = 2048

// Labels are keys of RFC 8941: no capital letters.
const member = /^([a-z*][a-z0-9_.*-]*)=\(([^()]*)\)(.*)$/
const component = /^"(@?[a-z0-9][a-z0-9-]*)"$/
// No quote or backslash stands in any of them, so none needs an escape.
const parameter = /; *([a-z]+)=(?:"([ !#-[\]-~]*)"|([0-9]{1,15}))/y

/**
 * Reads a Signature-Input header of one signature. Blanks may stand where RFC 8941 allows them.
 * @throws {InputError} on any other: several signatures, parameters of components, repeats
 * @see https://www.rfc-editor.org/rfc/rfc9421 HTTP Message Signatures
 */
export function readSignatureInput (header: string): SignatureInput {
  const refuse = (why: string): never => {
    throw new InputError(`Signature-Input ${why}`)
  }
  if (typeof header !== 'string') throw new TypeError('signatureInput must be a string')
  const [, label = '', list = '', rest = ''] = header.length > mostCharacters
    ? []
    : member.exec(header.trim()) ?? []
  if (label === '') refuse('is not a label and one list of components with its parameters')
  const components = list.split(' ').filter(one => one !== '').map(one =>
    component.exec(one)?.[1] ?? refuse('has a component that is not a name in quotes')
  )
  if (new Set(components).size < components.length) refuse('repeats a component')
  const parameters: SignatureParameters = {}
  let text = `(${components.map(name => `"${name}"`).join(' ')})`
  parameter.lastIndex = 0
  while (parameter.lastIndex < rest.length) {
    const [, name = '', quoted, digits] = parameter.exec(rest) ??
      refuse('has a parameter that is neither text in quotes nor a whole number')
    if (name in parameters) refuse('repeats a parameter')
    switch (name) {
      case 'keyid':
      case 'nonce':
      case 'alg':
        parameters[name] = quoted ?? refuse(`has ${name} that is not in quotes`)
        text += `;${name}="${quoted}"`
        break
      case 'created':
      case 'expires':
        parameters[name] = Number(digits ?? refuse(`has ${name} that is not a whole number`))
        text += `;${name}=${parameters[name]}`
        break
      default:
        refuse('has a parameter that Genesys does not send')
    }
  }
  return { label, components, parameters, text }
}
