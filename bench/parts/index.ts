import type { Part } from '../report.ts'
import { growth } from './growth.ts'
import { http } from './http.ts'
import { json } from './json.ts'
import { replay } from './replay.ts'
import { verify } from './verify.ts'

/** In the order of the page. */
export const parts: readonly Part[] = [verify, http, json, replay, growth]
