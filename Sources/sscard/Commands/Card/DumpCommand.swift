import ArgumentParser
import ByteText
import CardApplication
import CardLayout

/// `sscard card dump`: everything the presented keys and PIN open.
struct DumpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dump", abstract: "全卡读出 Read every file of a card that keys and PIN open.",
        discussion: """
            例 Examples:
              sscard card dump --json --pin ask > card.json
              sscard card dump --hex --json > card-hex.json

            两种 JSON 的模式在 CardLayouts/schemas；card diff 可读回。The schemas of both JSON forms are in CardLayouts/schemas; card diff reads both back.
            """)

    @OptionGroup var access: CardAccess
    @Flag(help: "输出记录的十六进制字节 Bytes of records in hexadecimal digits instead of values.") var hex = false
    @Flag(help: "输出 JSON.") var json = false

    func run() async throws {
        let (dump, compiled) = try await access.dump(try Site(access.site))
        if !hex {
            try CardContentReport(dump.content(by: compiled.layout)).print(json: json)
            if !json { printUnread(dump, compiled.layout) }
        } else if json {
            try Terminal.say(json: dump)
        } else {
            print(dump, compiled.layout)
        }
        try access.end(dump, compiled)
    }

    /// The files that the table has no values of, and why; a card that keeps a file shut is not one that has nothing in it.
    private func printUnread(_ dump: CardDump, _ layout: CardLayout) {
        for reading in dump.readings {
            if let words = reading.outcome.wordsOfUnread { Terminal.say("\(head(of: reading, layout))  –  \(words)") }
        }
        printForeignPlaces(dump)
    }

    private func printForeignPlaces(_ dump: CardDump) {
        for place in dump.foreignPlaces {
            Terminal.say("\(place.path)  –  不在卡结构中，未读 not in the layout, not read")
        }
    }

    private func head(of reading: FileReading, _ layout: CardLayout) -> String {
        let title =
            layout.directory(reading.directory)?.file(reading.file)?.title
            ?? SystemFile.Role(rawValue: reading.file)?.title ?? ""
        return "\(reading.directory)/\(reading.file)  \(title)"
    }

    private func print(_ dump: CardDump, _ layout: CardLayout) {
        for reading in dump.readings {
            let head = head(of: reading, layout)
            switch reading.outcome {
            case .records(let records):
                Terminal.say(head)
                for (index, record) in records.enumerated() {
                    let mark = reading.damaged.contains(index + 1) ? "  – 可能损坏 may be corrupted (6281)" : ""
                    Terminal.say("  \(index + 1)  \(record.hexadecimal)\(mark)")
                }
            case .bytes(let bytes):
                Terminal.say(head)
                for start in stride(from: 0, to: bytes.count, by: 32) {
                    let row = bytes[start..<min(start + 32, bytes.count)]
                    Terminal.say("  \(UInt16(truncatingIfNeeded: start).hexadecimal)  \(row.hexadecimal)")
                }
                for offset in reading.damaged {
                    Terminal.say("  \(UInt16(truncatingIfNeeded: offset).hexadecimal)  – 可能损坏 may be corrupted (6281)")
                }
            case .notOpen, .protected, .absent, .neverWritten, .refused:
                Terminal.say("\(head)  –  \(reading.outcome.wordsOfUnread ?? "")")
            }
        }
        printForeignPlaces(dump)
    }
}

extension FileReading.Outcome {
    /// Why nothing was read, in both languages; nil where something was.
    fileprivate var wordsOfUnread: String? {
        switch self {
        case .records, .bytes: nil
        case .notOpen: "未打开 not open"
        case .protected: "线路保护，无密钥 protected, no key"
        case .absent: "不存在 absent"
        case .neverWritten: "未写过 never written"
        case .refused(let statusWord): "拒绝 refused \(statusWord)"
        }
    }
}
