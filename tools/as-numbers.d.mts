export const AS_FILE: string
export function makeAsNumbers(): boolean
export function packAsNumbers(folder: string): Buffer
