/** What the store and the queue use of a pool of connections to PostgreSQL: a part of `pg.Pool`. */

export interface QueryResult<Row = Record<string, unknown>> {
  readonly rows: Row[];
  readonly rowCount: number | null;
  readonly command: string;
}

export interface Client {
  query<Row = Record<string, unknown>>(
    text: string,
    parameters?: readonly unknown[],
  ): Promise<QueryResult<Row>>;
  release(destroy?: boolean): void;
}

export interface Pool {
  query<Row = Record<string, unknown>>(
    text: string,
    parameters?: readonly unknown[],
  ): Promise<QueryResult<Row>>;
  connect(): Promise<Client>;
  end(): Promise<void>;
}
