import CardApplication
import CardData

/// What went wrong, for a person: what happened, what was and was not changed, what to do next, in both languages, with its code.
struct ErrorReport {
    let faults: [Fault]

    init(_ error: any Error) {
        faults =
            (error as? any FaultReporting)?.faults
            ?? [Fault("tool.unexpected", ["error": String(describing: error)])]
    }

    /// Prints the report on standard error and gives the exit code: that of the first fault.
    func print() -> Int32 {
        let catalogue = MessageCatalogue.standard
        for fault in faults {
            let place = fault.place.map { "\($0): " } ?? ""
            let chinese = catalogue.text(for: fault, language: .chinese)
            let english = catalogue.text(for: fault, language: .english)
            Terminal.tell("\(place)[\(fault.code.rawValue)] \(chinese.what)")
            Terminal.tell("    \(chinese.next)")
            Terminal.tell("    \(english.what) \(english.next)")
        }
        if faults.count > 1 { Terminal.tell("共 \(faults.count) 处 · \(faults.count) faults") }
        return faults.first.map { catalogue.exitCode(for: $0.code) } ?? 70
    }
}

/// Ends the program with an answer that is not an error, for example 1 for “not genuine”.
struct ExitVerdict: Error {
    let code: Int32
}
