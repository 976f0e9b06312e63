// State shared by all parts of the desk.
import { t } from './strings.js'

export const desk = {
  /** The signed-in agent, or null. */
  agent: null,
  /** The service's view of this agent and the others; see `GET /api/work`. */
  dispositions: [],
  without: [],
  awayReasons: [],
  /** Names of all agents seen here, by id. */
  names: new Map()
}

export function nameOfAgent (id) {
  return id === null ? '' : desk.names.get(id) ?? t('otherAgent')
}
