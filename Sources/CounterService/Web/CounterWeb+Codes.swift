import CardData

/// Codes in words: who looks at a page knows what the code means, and the holder what they confirm.
extension CounterWeb {
    /// `01 汉族`; the code alone where the table does not have it.
    func shown(ethnicGroup code: String, _ language: MessageLanguage) -> String {
        guard let entry = desk.ethnicGroups[code] else { return code }
        return code + " " + (language == .chinese ? entry.chinese : entry.english)
    }

    /// `110101 北京市东城区`; the code alone where its province is not known.
    func shown(area code: String) -> String {
        desk.areas.name(of: code).map { "\(code) \($0)" } ?? code
    }

    /// 男 or 女; the code itself where it is none.
    func shown(sex code: String, _ language: MessageLanguage) -> String {
        guard let sex = try? Sex(code) else { return code }
        return pages.words.text(Self.word(for: sex), language)
    }
}
