import Glibc

/// Reads lines from a terminal with history (arrows) and completion (Tab); from anything else line by line as they come.
///
/// Only what a shell of a dozen commands needs, so that no editing library has to be linked.
struct LineEditor {
    private enum Key {
        case character(Character)
        case enter
        case end
        case interrupt
        case backspace
        case tab
        case up
        case down
        case left
        case right
        case home
        case toEnd
        case other
    }

    /// One line without its end; nil at the end of input, or when the user leaves with Ctrl-C or Ctrl-D.
    func line(prompt: String, history: [String], complete: (String) -> [String]) -> String? {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
            return readLine(strippingNewline: true)
        }
        var settings = termios()
        guard tcgetattr(STDIN_FILENO, &settings) == 0 else { return readLine(strippingNewline: true) }
        var raw = settings
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &raw)
        defer { tcsetattr(STDIN_FILENO, TCSADRAIN, &settings) }
        return edit(prompt, history, complete)
    }

    private func edit(_ prompt: String, _ history: [String], _ complete: (String) -> [String]) -> String? {
        var text: [Character] = []
        var cursor = 0
        var place = history.count
        var kept = ""
        show(prompt, text, cursor)
        while true {
            switch key() {
            case .enter:
                write("\n")
                return String(text)
            case .interrupt:
                write("\n")
                return nil
            case .end:
                guard text.isEmpty else { continue }
                write("\n")
                return nil
            case .other: continue
            case .character(let character):
                text.insert(character, at: cursor)
                cursor += 1
            case .backspace where cursor > 0:
                cursor -= 1
                text.remove(at: cursor)
            case .backspace: continue
            case .left: cursor = max(0, cursor - 1)
            case .right: cursor = min(text.count, cursor + 1)
            case .home: cursor = 0
            case .toEnd: cursor = text.count
            case .up where place > 0:
                if place == history.count { kept = String(text) }
                place -= 1
                text = Array(history[place])
                cursor = text.count
            case .down where place < history.count:
                place += 1
                text = Array(place == history.count ? kept : history[place])
                cursor = text.count
            case .up, .down: continue
            case .tab:
                let choices = complete(String(text[..<cursor]))
                let head = text[..<cursor].lastIndex(of: " ").map { $0 + 1 } ?? 0
                guard let word = commonStart(choices), word.count >= cursor - head else { continue }
                if choices.count > 1, word.count == cursor - head { write("\n\(choices.joined(separator: "  "))\n") }
                let completed = Array(word) + (choices.count == 1 ? [" "] : [])
                text.replaceSubrange(head..<cursor, with: completed)
                cursor = head + completed.count
            }
            show(prompt, text, cursor)
        }
    }

    private func commonStart(_ words: [String]) -> String? {
        guard var start = words.first else { return nil }
        for word in words { start = String(zip(start, word).prefix { $0 == $1 }.map(\.0)) }
        return start
    }

    private func show(_ prompt: String, _ text: [Character], _ cursor: Int) {
        let behind = String(text[cursor...]).places
        write("\r\u{1B}[2K\(prompt)\(String(text))" + (behind > 0 ? "\u{1B}[\(behind)D" : ""))
    }

    // MARK: keys

    private func key() -> Key {
        guard let first = byte() else { return .end }
        switch first {
        case 0x0A, 0x0D: return .enter
        case 0x03: return .interrupt
        case 0x04: return .end
        case 0x7F, 0x08: return .backspace
        case 0x09: return .tab
        case 0x01: return .home
        case 0x05: return .toEnd
        case 0x1B:
            guard byte() == 0x5B, let last = byte() else { return .other }
            switch last {
            case 0x41: return .up
            case 0x42: return .down
            case 0x43: return .right
            case 0x44: return .left
            case 0x48: return .home
            case 0x46: return .toEnd
            default: return .other
            }
        case ..<0x20: return .other
        default: return character(first)
        }
    }

    /// The rest of a UTF-8 character.
    private func character(_ first: UInt8) -> Key {
        let more = first < 0x80 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3
        var bytes = [first]
        for _ in 0..<more { bytes += byte().map { [$0] } ?? [] }
        guard let text = String(validating: bytes, as: UTF8.self), let character = text.first else { return .other }
        return .character(character)
    }

    private func byte() -> UInt8? {
        var byte: UInt8 = 0
        return read(STDIN_FILENO, &byte, 1) == 1 ? byte : nil
    }

    private func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.write(STDOUT_FILENO, bytes, bytes.count)
    }
}
