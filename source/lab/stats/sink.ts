/** Takes the parameters of one record of the bulk statistics, in the order in which they are sent. */
export interface ParamSink {
  int(field: string, value: number): void;
  uint(field: string, value: number): void;
  ullong(field: string, value: number): void;
  text(field: string, value: string): void;
}
