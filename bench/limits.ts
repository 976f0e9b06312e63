/**
 * What `npm run bench:guard` allows: a ratio to the floor, to JSON.parse or to the bare route in
 * the same run, with a third of room for a busy machine.
 */
export const limits: Readonly<Record<string, number>> = {
  'contiple verify : floor': 1.7,
  'huawei-aicc verify : floor': 2.6,
  'online-contact verify : floor': 2.1,
  'itx-chat verify : floor': 3.2,
  'oracle-csc verify : floor': 1.8,
  'lossless JSON : JSON.parse': 2.6,
  'contiple route : bare route': 2,
  'huawei-aicc route : bare route': 2.8
}
