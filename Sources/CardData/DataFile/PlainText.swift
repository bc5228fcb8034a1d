extension String {
    /// The text as this house writes it: a line feed alone at the end of a line, and no mark of the encoding in front.
    ///
    /// Files that were typed, mailed or copied on another system come with a carriage return before it (which Swift takes for one character
    /// with it) and with U+FEFF at their beginning.
    public var withPlainLineEnds: String {
        let marked = unicodeScalars.first == "\u{FEFF}"
        return (marked ? String(unicodeScalars.dropFirst()) : self).replacing("\r\n", with: "\n")
    }
}
