import CardData
import Issuing
import Personalization

/// What pages show of the card in the reader.
extension CounterWeb {
    /// Where a card stands that has no page of its own: a blank, a torn one, another kind.
    ///
    /// Whose card a torn one was to be is left out: nobody was looked up for it.
    func standingView(_ standing: CardStanding, _ language: MessageLanguage) -> View {
        var view: View = [
            "standing": pages.words.text("standing-\(standing.kind.rawValue)", language),
            "standingNext": pages.words.text("standing-next-\(standing.kind.rawValue)", language),
            "chipSerial": standing.card?.text ?? "–",
        ]
        if let torn = standing.torn {
            var row: View = [
                "done": String(torn.done), "total": torn.total.map(String.init) ?? "–",
                "hindrances": PageRenderer.views(of: torn.hindrances, language),
            ]
            if let number = torn.number { row["number"] = number.printed }
            view["torn"] = row
        }
        return view
    }

    /// The comparison as a table; what tells of the holder is masked, and whether it differs is told all the same.
    ///
    /// - Parameter inFull: what the holder confirms where it differs, and has to see whole for that.
    func comparisonView(
        _ comparison: ChipComparison, _ visitor: Visitor, inFull: Set<ChipComparison.Item> = []
    ) -> View {
        let language = visitor.language
        let rows = comparison.rows.map { row in
            let verdict =
                row.isDamaged
                ? "damaged"
                : row.recorded == nil
                    ? "notRecorded" : row.isClosed ? "closed" : row.differs ? "differs" : "same"
            let isFull = row.differs && inFull.contains(row.item)
            func told(_ value: String?) -> String {
                isFull ? value.map { whole($0, row.item) } ?? "–" : shown(value, row.item, language)
            }
            return [
                "item": pages.words.text("item-\(row.item.rawValue)", language),
                "recorded": told(row.recorded), "read": told(row.read),
                "verdict": pages.words.text("chip-\(verdict)", language), "differs": row.differs || row.isDamaged,
            ] as View
        }
        return [
            "hasRows": true, "rows": rows, "isSame": comparison.isSame,
            "hasDifferences": comparison.rows.contains(where: \.differs),
            "hasClosed": comparison.rows.contains(where: \.isClosed),
            "hasDamaged": comparison.rows.contains(where: \.isDamaged),
            "differences": String(comparison.rows.count(where: \.differs)),
        ]
    }

    private func shown(_ value: String?, _ item: ChipComparison.Item, _ language: MessageLanguage) -> String {
        guard let value else { return "–" }
        return switch item {
        case .citizenNumber: (try? SocialSecurityNumber(value))?.masked ?? "*"
        case .name: (try? PersonName(value))?.masked ?? "*"
        case .birthDate: value.prefix(4) + "****"
        case .birthPlace: value.prefix(2) + "****"
        case .sex: shown(sex: value, language)
        case .ethnicGroup: shown(ethnicGroup: value, language)
        case .cardNumber: (try? CardNumber(value))?.printed ?? value
        default: whole(value, item)
        }
    }

    /// A value as it is, days with dashes.
    private func whole(_ value: String, _ item: ChipComparison.Item) -> String {
        guard [.birthDate, .issueDate, .expiryDate].contains(item), let day = try? CardDate(value) else { return value }
        return dashed(day)
    }
}
