/** What `npm run bench:guard` allows: a ratio to the floor, to JSON.parse or to the bare route in the same run, with a third of room for a busy machine. */
export const limits: Readonly<Record<string, number>> = {
  'contiple verify : floor': 2.4,
  'huawei-aicc verify : floor': 2.6,
  'online-contact verify : floor': 2.4,
  'itx-chat verify : floor': 7,
  'oracle-csc verify : floor': 2.9,
  'lossless JSON : JSON.parse': 2.6,
  'contiple route : bare route': 2,
  'huawei-aicc route : bare route': 2.8
}
