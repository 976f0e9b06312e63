/**
 * What `npm run bench:guard` allows: a ratio to the floor, to JSON.parse or to the bare route in
 * the same run. Each lies between the highest of a series of runs on a machine with a load of
 * twenty on two cores, and the lowest of the same work done several times over:
 * `npm run bench:guard -- --runs 20` shows both, and how many runs raised an alarm.
 */
export const limits: Readonly<Record<string, number>> = {
  'contiple verify : floor': 0.95,
  'huawei-aicc verify : floor': 1.4,
  'online-contact verify : floor': 1.2,
  'itx-chat verify : floor': 1.6,
  'oracle-csc verify : floor': 0.95,
  'lossless JSON : JSON.parse': 1.75,
  'contiple route : bare route': 1.85,
  'huawei-aicc route : bare route': 3
}

/**
 * How often the guard was wrong, for the page: what the last line of `npm run bench:guard -- --runs
 * 20` says.
 */
export const falseAlarms = { runs: 20, alarms: 0, where: 'two cores with a load of 23' }
