import Yams

/// Tells the parser's complaints in the catalogue's terms.
enum YAMLSyntax {
    static func faults(of error: any Error, file: String) -> Faults {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return syntax(problem, at: SourcePlace(file: file, line: mark.line, column: mark.column))
        case .duplicatedKeysInMapping(let keys, let context):
            let place = SourcePlace(file: file, line: context.mark.line, column: context.mark.column)
            return Faults(keys.map { Fault("data-file.duplicate-key", ["key": $0], at: place) })
                ?? syntax("duplicate keys", at: place)
        case .reader(let problem, let offset, _, let text):
            return syntax(problem, at: place(ofCharacter: offset ?? 0, in: text, file: file))
        case let other:
            return syntax(other.map { "\($0)" } ?? "\(error)", at: SourcePlace(file: file, line: 1))
        }
    }

    private static func syntax(_ problem: String, at place: SourcePlace) -> Faults {
        Faults("data-file.syntax", ["problem": problem], at: place)
    }

    private static func place(ofCharacter offset: Int, in text: String, file: String) -> SourcePlace {
        let before = text.prefix(offset)
        let line = before.count { $0.isNewline } + 1
        let column = before.reversed().prefix { !$0.isNewline }.count + 1
        return SourcePlace(file: file, line: line, column: column)
    }
}
