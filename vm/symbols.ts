/** A function's name and the bytes [address, address + size) that it covers. */
export interface FunctionSymbol {
  readonly name: string;
  readonly address: number;
  readonly size: number;
}

/** Functions of a program by address. */
export class SymbolTable {
  /** Ascending by address. */
  readonly functions: readonly FunctionSymbol[];

  constructor(functions: readonly FunctionSymbol[]) {
    this.functions = [...functions].sort(
      (a, b) => a.address - b.address || b.size - a.size || (a.name < b.name ? -1 : 1),
    );
  }

  /** The function whose bytes contain `address`; a symbol without size reaches to the next one. */
  find(address: number): FunctionSymbol | undefined {
    let low = 0;
    let high = this.functions.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.functions[middle]?.address ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    const symbol = this.functions[low - 1];
    if (symbol === undefined) return undefined;
    const covers = symbol.size === 0 || address < symbol.address + symbol.size;
    return covers ? symbol : undefined;
  }

  /** `main+0x1c`, or the bare address where no function is known. */
  describe(address: number): string {
    const symbol = this.find(address);
    const hex = `0x${address.toString(16).padStart(8, '0')}`;
    if (symbol === undefined) return hex;
    const offset = address - symbol.address;
    return `${hex} (${symbol.name}${offset === 0 ? '' : `+0x${offset.toString(16)}`})`;
  }
}
