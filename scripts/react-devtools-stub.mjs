// Ink imports react-devtools-core statically in its development build; the program has no use for it.
export default {};
