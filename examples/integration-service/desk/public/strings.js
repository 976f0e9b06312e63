/* global document, localStorage, navigator */
// Texts in the user's language. The HTML is English; other languages replace it.
import { en } from './strings-en.js'
import { ko } from './strings-ko.js'

const tables = { en, ko }
const key = 'desk-language'

/** The user's choice, else the browser's language, else English. */
export const language = [readStoredLanguage(), ...navigator.languages.map(tag => tag.slice(0, 2))]
  .find(tag => tag in tables) ?? 'en'

const plurals = new Intl.PluralRules(language)

/** The text, with `{names}` filled in; if it has several forms, the one for `count`. */
export function t (name, values = {}) {
  const entry = tables[language][name] ?? en[name] ?? name
  const text = typeof entry === 'string'
    ? entry
    : entry[plurals.select(values.count)] ?? entry.other
  return text.replace(/\{(\w+)\}/g, (match, value) => String(values[value] ?? match))
}

export function chooseLanguage (tag) {
  localStorage.setItem(key, tag)
}

/** Replaces the page's own texts with the user's language. */
export function translatePage () {
  document.documentElement.lang = language
  const table = tables[language]
  for (const element of document.querySelectorAll('[data-t]')) {
    if (element.dataset.t in table) element.textContent = t(element.dataset.t)
  }
  for (const element of document.querySelectorAll('[data-t-placeholder]')) {
    const name = element.dataset.tPlaceholder
    if (name in table) element.placeholder = t(name)
  }
  for (const element of document.querySelectorAll('[data-t-label]')) {
    if (element.dataset.tLabel in table) element.ariaLabel = t(element.dataset.tLabel)
  }
}

function readStoredLanguage () {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}
