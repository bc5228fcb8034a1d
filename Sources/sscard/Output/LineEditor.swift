import Glibc

/// Reads lines from a terminal with history (arrows) and completion (Tab); from anything else line by line as they come.
///
/// Only what a shell of a dozen commands needs, so that no editing library has to be linked.
struct LineEditor {
    /// What came of a prompt.
    enum Entry: Equatable {
        /// A line without its end.
        case line(String)
        /// Ctrl-C: what was typed is given up.
        case givenUp
        /// Ctrl-D on an empty line, or the end of input.
        case end
    }

    /// Asks for one line.
    func line(prompt: String, history: [String], complete: (String) -> [String]) -> Entry {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else { return plainLine() }
        var settings = termios()
        guard tcgetattr(STDIN_FILENO, &settings) == 0 else { return plainLine() }
        var raw = settings
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG | IEXTEN)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &raw)
        defer { tcsetattr(STDIN_FILENO, TCSADRAIN, &settings) }
        return edit(prompt, history, complete)
    }

    private func plainLine() -> Entry { readLine(strippingNewline: true).map(Entry.line) ?? .end }

    private func edit(_ prompt: String, _ history: [String], _ complete: (String) -> [String]) -> Entry {
        let keys = KeyReader(descriptor: STDIN_FILENO)
        var line = EditedLine()
        var place = history.count
        var kept = ""
        show(prompt, line)
        while true {
            switch keys.next() {
            case .enter:
                line.moveToEnd()
                show(prompt, line)
                write("\n")
                return .line(line.text)
            case .interrupt:
                write("^C\n")
                return .givenUp
            case .closed: return .end
            case .end where line.text.isEmpty:
                write("\n")
                return .end
            case .end, .delete: line.deleteAhead()
            case .other: continue
            case .character(let character): line.insert(character)
            case .backspace: line.deleteBehind()
            case .left: line.move(by: -1)
            case .right: line.move(by: 1)
            case .home: line.moveToStart()
            case .toEnd: line.moveToEnd()
            case .killToStart: line.deleteToStart()
            case .killToEnd: line.deleteToEnd()
            case .killWord: line.deleteWordBehind()
            case .clear: write("\u{1B}[H\u{1B}[2J")
            case .up where place > 0:
                if place == history.count { kept = line.text }
                place -= 1
                line = EditedLine(history[place])
            case .down where place < history.count:
                place += 1
                line = EditedLine(place == history.count ? kept : history[place])
            case .up, .down: continue
            case .tab: finish(&line, complete)
            }
            show(prompt, line)
        }
    }

    /// Completes the word before the cursor as far as all choices agree, and lists them where they do not.
    private func finish(_ line: inout EditedLine, _ complete: (String) -> [String]) {
        let choices = complete(line.behind)
        guard let word = commonStart(choices), word.count >= line.wordBehind.count else { return }
        if choices.count > 1, word.count == line.wordBehind.count { write("\n\(choices.joined(separator: "  "))\n") }
        line.replaceWordBehind(with: word + (choices.count == 1 ? " " : ""))
    }

    private func commonStart(_ words: [String]) -> String? {
        guard var start = words.first else { return nil }
        for word in words { start = String(zip(start, word).prefix { $0 == $1 }.map(\.0)) }
        return start
    }

    /// Draws prompt and line in one row of the window: a longer line shows the part around its cursor.
    private func show(_ prompt: String, _ line: EditedLine) {
        let (shown, column) = line.view(places: max(windowWidth - prompt.places - 1, 8))
        let right = prompt.places + column
        write("\r\u{1B}[2K\(prompt)\(shown)\r" + (right > 0 ? "\u{1B}[\(right)C" : ""))
    }

    /// The window's columns now, which may change between two keys; 80 where it does not tell.
    private var windowWidth: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    private func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { return }
            rest = rest.dropFirst(max(count, 0))
        }
    }
}
