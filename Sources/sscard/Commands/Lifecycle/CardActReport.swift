import CardData
import Lifecycle

/// An act on a card that was written down, here or by the running counter service, as the tool tells it.
struct CardActReport: Encodable {
    let cardNumber: String
    let act: String
    let event: String
    /// 0 for an act that has none.
    let slip: UInt64
    /// Empty where the state is not known.
    let state: String
    /// What became of the chip; nil for an act that does nothing to it.
    let chip: String?

    init(on number: CardNumber, _ act: String, event: String, slip: UInt64, state: String?, chip: ChipEnd? = nil) {
        self.chip = chip.map { "\($0)" }
        cardNumber = number.text
        self.act = act
        self.event = event
        self.slip = slip
        self.state = state ?? ""
    }

    func say(of number: CardNumber, json: Bool) throws {
        if json { return try Terminal.say(json: self) }
        let kind = ActKind.allCases.first { $0.name == act }
        let shown = ShownState(rawValue: state)
        let spokenSlip = slip == 0 ? "" : "凭证 slip \(slip)  "
        let spokenChip = chip.map { "  芯片 chip \($0)" } ?? ""
        Terminal.say(
            "\(kind?.chinese ?? act)  卡号 \(number.printed)  \(spokenSlip)事件 event \(event)  "
                + "现状态 state \(shown?.chinese ?? "") \(shown?.english ?? "")"
                + spokenChip)
    }
}
