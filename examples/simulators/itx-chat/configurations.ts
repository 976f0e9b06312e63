import { isOpen, localTime, type OpeningHours, parseOpeningHours } from './opening-hours.ts'

/** The appearance of the chat box. Configurations may share one. */
export interface Design {
  readonly name: string
  readonly color: string
  readonly title: string
}

/** A website has one or more. Each page gets the best match. */
export interface Configuration {
  readonly name: string
  /** A prefix of the path in the page's address. */
  readonly postfix: string
  readonly hours: OpeningHours
  readonly design: Design
}

/** The configuration sent to a page's widget. */
export interface Look {
  configuration: string
  title: string
  color: string
}

const standardDesign: Design = { name: 'standard', color: '#1b4f8f', title: 'Chat' }

/** @throws {TypeError} {RangeError} naming the mistake */
export function parseWebsite (
  settings: { readonly configurations: string, readonly designs: string, readonly timeZone: string }
): { configurations: Configuration[], timeZone: string } {
  const designs = splitRows(settings.designs).map(parseDesign)
  const { timeZone } = settings
  localTime(0, timeZone)
  return {
    configurations: splitRows(settings.configurations).map(row => parseConfiguration(row, designs)),
    timeZone
  }
}

/**
 * The open configuration with the most specific postfix; the first one on a tie. Undefined if none
 * is open: the page then has no chat.
 */
export function findConfiguration (
  page: URL,
  { configurations, timeZone }: ReturnType<typeof parseWebsite>,
  at: number
): Configuration | undefined {
  const path = page.pathname + page.search
  return configurations
    .filter(({ postfix, hours }) => hasPathPrefix(path, postfix) && isOpen(hours, at, timeZone))
    .toSorted((left, right) => right.postfix.length - left.postfix.length)[0]
}

export function toLook ({ name, design: { title, color } }: Configuration): Look {
  return { configuration: name, title, color }
}

/**
 * Matches whole path segments: /help is not a prefix of /helpers. The vendor does not document
 * this; it is our interpretation.
 */
function hasPathPrefix (path: string, postfix: string): boolean {
  return path.startsWith(postfix) &&
    (postfix.endsWith('/') || ['', '/', '?'].includes(path.charAt(postfix.length)))
}

function splitRows (text: string): string[][] {
  return text.split(/[;\n]/).map(row => row.split(',').map(cell => cell.trim())).filter(([name]) =>
    name !== ''
  )
}

function parseDesign ([name = '', color = '', title = '']: string[]): Design {
  if (!/^#[0-9a-f]{6}$/i.test(color)) {
    throw new TypeError(`the design "${name}" needs a colour such as #1b4f8f`)
  }
  return { name, color, title: title === '' ? standardDesign.title : title }
}

function parseConfiguration (
  [name = '', postfix = '', hours = '', design = '']: string[],
  designs: Design[]
): Configuration {
  if (!postfix.startsWith('/')) {
    throw new TypeError(`the URL postfix of "${name}" must begin with /`)
  }
  const matchingDesign = design === '' ? standardDesign : designs.find(left => left.name === design)
  if (matchingDesign === undefined) {
    throw new TypeError(`"${name}" has an unknown design: ${design}`)
  }
  return { name, postfix, hours: parseOpeningHours(hours), design: matchingDesign }
}
