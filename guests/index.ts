/** Guests: compile one from C, and the committed ones with their inputs. */
export {
  CompileError,
  type CompileErrorCode,
  type CompileOptions,
  type CompileResult,
  type Compiler,
  type CompilerKind,
  compileGuest,
  findCompiler,
  SDK_FOLDER,
} from './compile.ts';
export { benchmarkInput, type InputRecipe } from './inputs.ts';
export {
  fnv1a32,
  type Guest,
  guestCompileOptions,
  guestInputs,
  type Manifest,
  readGuestElf,
  readManifest,
  TIERS,
} from './manifest.ts';
