import { InputError } from '../kit/scheme.ts'

/** A parsed Signature-Input header: the components in order, and the signature's parameters. */
export interface SignatureInput {
  readonly label: string
  readonly components: readonly string[]
  readonly parameters: SignatureParameters
  /** Components and parameters as signed: serialised again from the parsed values. */
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

/** Genesys's headers have some 300 characters. */
const mostCharacters = 2048

// Labels are keys of RFC 8941: no capital letters.
const member = /^([a-z*][a-z0-9_.*-]*)=\(([^()]*)\)(.*)$/
const component = /^"(@?[a-z0-9][a-z0-9-]*)"$/
// None contains a quote or a backslash, so nothing needs unescaping.
const parameter = /; *([a-z]+)=(?:"([ !#-[\]-~]*)"|([0-9]{1,15}))/y

/**
 * Parses a Signature-Input header with one signature. Spaces are accepted where RFC 8941 allows
 * them.
 * @throws {InputError} on any other header: several signatures, component parameters, repetitions
 * @see https://www.rfc-editor.org/rfc/rfc9421 HTTP Message Signatures
 */
export function readSignatureInput (header: string): SignatureInput {
  const refuse = (problem: string): never => {
    throw new InputError(`Signature-Input ${problem}`)
  }
  if (typeof header !== 'string') throw new TypeError('signatureInput must be a string')
  const [, label = '', list = '', parameterText = ''] = header.length > mostCharacters
    ? []
    : member.exec(header.trim()) ?? []
  if (label === '') refuse('is not a label and one list of components with its parameters')
  const components = list.split(' ').filter(item => item !== '').map(item =>
    component.exec(item)?.[1] ?? refuse('has a component that is not a name in quotes')
  )
  if (new Set(components).size < components.length) refuse('repeats a component')
  const parameters: SignatureParameters = {}
  let text = `(${components.map(name => `"${name}"`).join(' ')})`
  parameter.lastIndex = 0
  while (parameter.lastIndex < parameterText.length) {
    const [, name = '', quoted, digits] = parameter.exec(parameterText) ??
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
