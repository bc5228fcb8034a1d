import CardData
import Foundation

/// What is said to whoever started a service.
enum Screen {
    /// A line on standard output.
    static func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

    /// A line about the work on standard error.
    static func tell(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

    /// A value as JSON with sorted keys.
    static func say(json value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        say(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// Every fault in both languages with its place and code; gives the exit code of the first.
    @discardableResult
    static func tell(_ faults: [Fault]) -> Int32 {
        let catalogue = MessageCatalogue.standard
        for fault in faults {
            let place = fault.place.map { "\($0): " } ?? ""
            let chinese = catalogue.text(for: fault, language: .chinese)
            let english = catalogue.text(for: fault, language: .english)
            tell("\(place)[\(fault.code.rawValue)] \(chinese.what)")
            tell("    \(chinese.next)\n    \(english.what) \(english.next)")
        }
        if faults.count > 1 { tell("共 \(faults.count) 处 · \(faults.count) faults") }
        return faults.first.map { catalogue.exitCode(for: $0.code) } ?? 70
    }
}
