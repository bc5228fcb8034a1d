extension StringProtocol {
    /// Whether the text is one line of which every sign is seen as what it is: no controls, no signs without a shape of their own that turn
    /// or hide others (U+202E, U+200B), no ends of lines or paragraphs.
    ///
    /// What somebody else will read, sign or compare by eye is held to this.
    public var isPlainLine: Bool { unicodeScalars.allSatisfy { !$0.isUnseen } }

    /// The text with `replacement` in the place of every sign that ``isPlainLine`` does not let pass, line feeds and tabs excepted: what a
    /// terminal or a reader of a log may be shown.
    public func plain(replacement: Unicode.Scalar = "\u{FFFD}") -> String {
        guard unicodeScalars.contains(where: { $0.isUnseen && $0 != "\n" && $0 != "\t" }) else { return String(self) }
        var result = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            result.append(scalar.isUnseen && scalar != "\n" && scalar != "\t" ? replacement : scalar)
        }
        return String(result)
    }
}

extension Unicode.Scalar {
    fileprivate var isUnseen: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
        default: false
        }
    }
}
