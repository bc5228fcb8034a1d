import ByteText
import CardApplication
import CardCryptography
import CardData
import CardLayout
import Foundation
import ISO7816

/// One session of the shell: reads lines, does what they say, tells what came of it.
final class ShellSession {
    private static let commands: [(name: String, arguments: String, chinese: String, english: String)] = [
        ("ls", "", "列出目录和文件", "list directories and files here"),
        ("cd", "DF | .. | /", "进入目录", "enter a directory"),
        ("select", "HEX", "按标识或名称选择", "SELECT by identifier (2 bytes) or name"),
        ("cat", "EF", "显示文件的数据项", "show a file's values by the layout"),
        ("read", "EF [N] | EF OFFSET COUNT", "显示记录或字节", "show a record, or bytes of a transparent file"),
        ("verify", "", "验证密码（不回显）", "present the PIN, asked unseen"),
        ("apdu", "HEX [= SW]", "发送任意指令，可写明应得的状态字", "send any command; SW is what it must answer, x for any digit"),
        ("reset", "", "复位", "reset the card: all rights are lost"),
        ("history", "", "用过的命令", "what was typed so far"),
        ("help", "", "帮助", "this list"),
        ("exit", "", "退出", "leave"),
    ]

    private let compiled: CompiledCard
    private let open: (PersonalIdentificationNumber?) throws -> CardConversation
    private let askPIN: () throws -> PersonalIdentificationNumber
    private var conversation: CardConversation
    private var browser: CardBrowser
    /// Lines that can be brought back: none that holds a secret.
    private var history: [String] = []
    /// All lines, as they may be shown.
    private var shownHistory: [String] = []
    /// Whether what the card refuses ends the session.
    private var isScript = false

    /// - Parameters:
    ///   - open: opens a conversation with the card, with a PIN where one is presented.
    ///   - askPIN: asks for the PIN unseen.
    init(
        _ compiled: CompiledCard, open: @escaping (PersonalIdentificationNumber?) throws -> CardConversation,
        askPIN: @escaping () throws -> PersonalIdentificationNumber
    ) throws {
        self.compiled = compiled
        self.open = open
        self.askPIN = askPIN
        conversation = try open(nil)
        // A card that the books do not know proves itself before anything is typed: later it would lose what was selected and presented.
        if try conversation.meet(compiled) { try conversation.reset() }
        browser = CardBrowser(conversation, compiled)
    }

    /// Runs the lines of a script; stops at the first that fails and hands back why, with its line.
    func run(_ lines: [String], file: String) throws -> Faults? {
        isScript = true
        for (index, line) in lines.enumerated() {
            let text = line.trimmingCharacters(in: .whitespaces)
            guard !text.isEmpty, !text.hasPrefix("#") else { continue }
            Terminal.say("\(prompt)\(ShellLine(text).shown)")
            shownHistory.append(ShellLine(text).shown)
            do {
                guard try perform(text) else { return nil }
            } catch {
                guard let reported = error as? any FaultReporting else { throw error }
                let place = SourcePlace(file: file, line: index + 1)
                return Faults(reported.faults.map { $0.located(at: place) })
            }
        }
        return nil
    }

    /// Reads commands from the keyboard, or from standard input where nobody sits at one, until `exit` or the end.
    func converse() throws {
        let editor = LineEditor()
        while true {
            guard case let entry = editor.line(prompt: prompt, history: history, complete: complete), entry != .end
            else {
                return
            }
            guard case .line(let line) = entry else { continue }
            let text = line.trimmingCharacters(in: .whitespaces)
            guard !text.isEmpty, !text.hasPrefix("#") else { continue }
            let kept = ShellLine(text)
            if !kept.isSecret, history.last != text { history.append(text) }
            if shownHistory.last != kept.shown { shownHistory.append(kept.shown) }
            do {
                guard try perform(text) else { return }
            } catch {
                guard error is any FaultReporting else { throw error }
                _ = ErrorReport(error).print()
            }
        }
    }

    private var prompt: String { "\(browser.path) > " }

    /// The words that can stand at the end of a line.
    private func complete(_ line: String) -> [String] {
        let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        let last = words.last ?? ""
        let choices = words.count <= 1 ? Self.commands.map(\.name) : browser.names
        return choices.filter { $0.lowercased().hasPrefix(last.lowercased()) }
    }

    // MARK: - Commands

    /// Does what a line says; false for `exit`.
    private func perform(_ line: String) throws -> Bool {
        var words = line.split(separator: " ").map(String.init)
        let name = words.removeFirst()
        switch (name, words.count) {
        case ("exit", 0), ("quit", 0): return false
        case ("help", 0): help()
        case ("history", 0):
            for (index, text) in shownHistory.enumerated() { Terminal.say("\(index + 1)  \(text)") }
        case ("ls", 0): list()
        case ("cd", 1): try browser.enter(words[0])
        case ("select", 1): try select(words[0])
        case ("cat", 1): try show(words[0])
        case ("read", 1...3): try read(words)
        case ("verify", 0): try verify()
        case ("apdu", 1...): try send(words)
        case ("reset", 0):
            try conversation.reset()
            browser = CardBrowser(conversation, compiled)
        default:
            throw Faults("shell.usage", ["known": Self.commands.map(\.name).joined(separator: " ")])
        }
        return true
    }

    private func help() {
        var table = Table("命令 Command", "参数 Arguments", "")
        for command in Self.commands {
            table.add(command.name, command.arguments, "\(command.chinese) \(command.english)")
        }
        Terminal.say(table.text)
    }

    private func list() {
        var table = Table("名称 Name", "标识 Identifier", "结构 Structure", "读 Read", "写 Write", "标题 Title")
        for directory in browser.directories {
            table.add(
                "\(directory.name)/", directory.identifier.hexadecimal, "", "", "", directory.directory?.title ?? "")
        }
        for file in browser.files {
            table.add(
                file.name, file.identifier.hexadecimal, "\(file.structure)", file.file.map { "\($0.read)" } ?? "",
                file.file.map { "\($0.write)" } ?? "", file.file?.title ?? "")
        }
        Terminal.say(table.text)
    }

    private func select(_ text: String) throws {
        guard let bytes = [UInt8](hexadecimal: text), bytes.count == 2 || (5...16).contains(bytes.count) else {
            throw Faults("shell.not-hexadecimal", ["text": String(text.prefix(40))])
        }
        if let directory = compiled.directories.first(where: {
            $0.identifier.bigEndianBytes == bytes || $0.directory?.dedicatedFileName == bytes
        }) {
            return try browser.enter(directory.name)
        }
        if bytes == [0x3F, 0x00] { return try browser.enter("/") }
        let command = try CommandAPDU(0x00, 0xA4, bytes.count == 2 ? 0x00 : 0x04, 0x00, data: bytes)
        try tell(try browser.send(command))
    }

    private func show(_ name: String) throws {
        let content: CardContent
        do {
            content = try browser.content(of: name)
        } catch CardError.refused(_, .securityStatusNotSatisfied) {
            throw Faults("shell.right-missing")
        }
        try CardContentReport(content).print(json: false)
    }

    private func read(_ words: [String]) throws {
        let file = try browser.file(words[0])
        let numbers = words.dropFirst().compactMap { Int($0) }
        guard numbers.count == words.count - 1 else {
            throw Faults("shell.usage", ["known": Self.commands.map(\.name).joined(separator: " ")])
        }
        if case .transparent(let size) = file.structure {
            let offset = numbers.first ?? 0
            // A number out of its bounds is the browser's to refuse, and not to be reckoned with.
            let left = (0..<size).contains(offset) ? size - offset : 1
            let count = numbers.count > 1 ? numbers[1] : min(browser.largestRead(of: file.name), left)
            return try tell(try browser.bytes(from: offset, count: count, of: file.name))
        }
        try tell(try browser.record(numbers.first ?? 1, of: file.name))
    }

    /// The conversation with the PIN takes over; the card keeps what was presented before.
    private func verify() throws {
        guard browser.directory != nil else { throw Faults("shell.no-directory") }
        let pin = try askPIN()
        let withPIN = try open(pin)
        try browser.with(withPIN).verifyPIN(length: (pin.count + 1) / 2)
        Terminal.say("9000")
    }

    /// `HEX`, in as many pieces as one likes, and `= SW` behind it where only that status word will do.
    private func send(_ words: [String]) throws {
        let parts = words.joined().split(separator: "=", omittingEmptySubsequences: false).map(String.init)
        let text = parts[0]
        guard let bytes = [UInt8](hexadecimal: text), let command = try? CommandAPDU(bytes: bytes) else {
            throw Faults("shell.not-hexadecimal", ["text": ShellLine.shown(command: text)])
        }
        let expected = parts.dropFirst().first?.uppercased()
        guard parts.count <= 2, expected.map(Self.isStatusWord) ?? true else {
            throw Faults("shell.usage", ["known": Self.commands.map(\.name).joined(separator: " ")])
        }
        let answer = try browser.send(command)
        print(answer)
        guard let expected else { return }
        guard zip(expected, answer.statusWord.description).allSatisfy({ $0 == "X" || $0 == $1 }) else {
            throw Faults(
                "shell.other-status-word", ["statusWord": answer.statusWord.description, "expected": expected])
        }
    }

    private static func isStatusWord(_ text: String) -> Bool {
        text.count == 4 && text.allSatisfy { $0 == "X" || $0.isHexDigit }
    }

    /// Shows an answer; a script stops at one that is neither success nor a warning with data (62xx).
    private func tell(_ answer: ResponseAPDU) throws {
        print(answer)
        let statusWord = answer.statusWord
        let isAnswer = statusWord.isSuccess || statusWord.bytesWaiting != nil || statusWord.rawValue >> 8 == 0x62
        guard !isAnswer else { return }
        if statusWord == .securityStatusNotSatisfied {
            guard isScript else { return Terminal.tell([Fault("shell.right-missing")]) }
            throw Faults("shell.right-missing")
        }
        guard isScript else { return }
        throw Faults("shell.refused", ["statusWord": statusWord.description])
    }

    private func print(_ answer: ResponseAPDU) {
        Terminal.say(answer.data.isEmpty ? "\(answer.statusWord)" : "\(answer.data.hexadecimal) \(answer.statusWord)")
        // File control information and other templates are shown with what lies in them.
        guard let object = try? DataObject(reading: answer.data), object.tag.isConstructed else { return }
        Terminal.say("\(object)")
    }
}
