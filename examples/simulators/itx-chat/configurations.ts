import { isOpen, localTime, type OpeningHours, parseOpeningHours } from './opening-hours.ts'

/** How the chat box looks; several configurations may share one. */
export interface Design {
  readonly name: string
  readonly color: string
  readonly title: string
}

/** A website has one or more; a page gets the one that fits it best. */
export interface Configuration {
  readonly name: string
  /** The beginning of what comes after the domain in the page's address. */
  readonly postfix: string
  readonly hours: OpeningHours
  readonly design: Design
}

/** What the widget of a page is told. */
export interface Look {
  configuration: string
  title: string
  color: string
}

const standardDesign: Design = { name: 'standard', color: '#1b4f8f', title: 'Chat' }

/** @throws {TypeError} {RangeError} with what is wrong */
export function parseWebsite (
  settings: { readonly configurations: string, readonly designs: string, readonly timeZone: string }
): { configurations: Configuration[], timeZone: string } {
  const designs = rows(settings.designs).map(parseDesign)
  const { timeZone } = settings
  localTime(0, timeZone)
  return {
    configurations: rows(settings.configurations).map(row => parseConfiguration(row, designs)),
    timeZone
  }
}

/**
 * The configuration with the most specific postfix among those that are open now, or
 * undefined: then the page has no chat. The first one of two alike.
 */
export function configurationFor (
  page: URL,
  { configurations, timeZone }: ReturnType<typeof parseWebsite>,
  at: number
): Configuration | undefined {
  const path = page.pathname + page.search
  return configurations
    .filter(({ postfix, hours }) => beginsWith(path, postfix) && isOpen(hours, at, timeZone))
    .toSorted((one, other) => other.postfix.length - one.postfix.length)[0]
}

export function lookOf ({ name, design: { title, color } }: Configuration): Look {
  return { configuration: name, title, color }
}

/**
 * Whole parts of the path: /help is no beginning of /helpers. The vendor's page does not say; this
 * is our reading.
 */
function beginsWith (path: string, postfix: string): boolean {
  return path.startsWith(postfix) &&
    (postfix.endsWith('/') || ['', '/', '?'].includes(path.charAt(postfix.length)))
}

function rows (text: string): string[][] {
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
  const found = design === '' ? standardDesign : designs.find(one => one.name === design)
  if (found === undefined) throw new TypeError(`"${name}" names an unknown design: ${design}`)
  return { name, postfix, hours: parseOpeningHours(hours), design: found }
}
