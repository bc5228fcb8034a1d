/// A line while it is typed: its characters and where the cursor stands between them.
struct EditedLine {
    private var characters: [Character]
    private var cursor: Int

    /// A line with the cursor at its end.
    init(_ text: String = "") {
        characters = Array(text)
        cursor = characters.count
    }

    /// The whole line.
    var text: String { String(characters) }
    /// What stands before the cursor.
    var behind: String { String(characters[..<cursor]) }
    /// The word before the cursor, as far as it is typed.
    var wordBehind: String { String(characters[wordStart..<cursor]) }

    private var wordStart: Int { characters[..<cursor].lastIndex(of: " ").map { $0 + 1 } ?? 0 }

    mutating func insert(_ character: Character) {
        characters.insert(character, at: cursor)
        cursor += 1
    }

    mutating func move(by count: Int) { cursor = min(max(cursor + count, 0), characters.count) }
    mutating func moveToStart() { cursor = 0 }
    mutating func moveToEnd() { cursor = characters.count }

    mutating func deleteBehind() {
        guard cursor > 0 else { return }
        cursor -= 1
        characters.remove(at: cursor)
    }

    mutating func deleteAhead() {
        guard cursor < characters.count else { return }
        characters.remove(at: cursor)
    }

    mutating func deleteToStart() {
        characters.removeSubrange(..<cursor)
        cursor = 0
    }

    mutating func deleteToEnd() { characters.removeSubrange(cursor...) }

    /// The spaces before the cursor and the word before them.
    mutating func deleteWordBehind() {
        var start = cursor
        while start > 0, characters[start - 1] == " " { start -= 1 }
        while start > 0, characters[start - 1] != " " { start -= 1 }
        characters.removeSubrange(start..<cursor)
        cursor = start
    }

    mutating func replaceWordBehind(with word: String) {
        let start = wordStart
        characters.replaceSubrange(start..<cursor, with: Array(word))
        cursor = start + word.count
    }

    /// The part of the line that fits into so many places of the screen with the cursor in it, and the cursor's place in that part; a
    /// Chinese character takes two places and is never cut.
    func view(places: Int) -> (shown: String, cursor: Int) {
        var start = 0
        while String(characters[start..<cursor]).places > places { start += 1 }
        // Text that scrolled out comes back once there is room for it.
        var end = cursor
        while end < characters.count, String(characters[start...end]).places <= places { end += 1 }
        return (String(characters[start..<end]), String(characters[start..<cursor]).places)
    }
}
