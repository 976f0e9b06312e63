// What every part of the desk knows: who is here, and who else.
import { t } from './strings.js'

export const desk = {
  /** Who is signed in; null before. */
  agent: null,
  /** What the service knows of us and of others; see `GET /api/work`. */
  dispositions: [],
  without: [],
  awayReasons: [],
  /** Names by id, of everybody who was seen here. */
  names: new Map()
}

export function nameOfAgent (id) {
  return id === null ? '' : desk.names.get(id) ?? t('otherAgent')
}
