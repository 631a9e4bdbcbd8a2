/** One decoded instruction, as the ISA manual writes it. */
export interface Instruction {
  /** Lower-case mnemonic of the (expanded) instruction: `addi`, `lw`, `mulhsu`, `fence`. */
  readonly mnemonic: string;
  /** Mnemonic of the compressed form, `c.addi4spn`, when the encoding is a half-word. */
  readonly compressed?: string;
  /** Bytes of the encoding: 2 or 4. */
  readonly length: 2 | 4;
  /** Register numbers; 0 where the format has no such field. */
  readonly rd: number;
  readonly rs1: number;
  readonly rs2: number;
  /** Sign-extended immediate as a signed 32-bit integer; for LUI and AUIPC shifted left by 12; the shift amount of a shift. */
  readonly immediate: number;
}
