public import CardData

extension Verdict.Reason {
    /// What to do next, for whoever stands at the till.
    public var nextStep: [MessageLanguage: String] {
        switch self {
        case .notGenuine, .anotherChip:
            [.chinese: "不要受理；留下卡并报告发卡机构。", .english: "Do not accept it; keep the card and tell the issuer."]
        case .senseless:
            [
                .chinese: "清洁芯片后再试一次；仍如此则不要受理，留下卡并报告发卡机构。",
                .english:
                    "Clean the chip and try once more; if it stays so, do not accept it, keep it and tell the issuer.",
            ]
        case .issuedElsewhere:
            [.chinese: "请联网核验，或请持卡人到发卡地办理。", .english: "Ask on-line, or send the holder to where it was issued."]
        case .locked, .state:
            [.chinese: "不要受理；请持卡人到社保窗口查询办理。", .english: "Do not accept it; send the holder to a counter."]
        case .unknownKind:
            [
                .chinese: "核对插入的是否为社会保障卡；如是，请持卡人到社保窗口核查。",
                .english: "See that it is a social security card; if it is one, send the holder to a counter.",
            ]
        case .blank:
            [.chinese: "退回发卡网点，作为空白卡入库。", .english: "Give it back to the issuing counter, to its stock of blanks."]
        case .otherKeySet:
            [
                .chinese: "请联网核验，或请持卡人到社保窗口办理；并把此提示告知密钥管理员。",
                .english: "Ask on-line, or send the holder to a counter; and show this to whoever keeps the keys.",
            ]
        case .notPersonalized, .keysOfBlank:
            [
                .chinese: "退回发卡网点：续作完成，或按废卡登记。",
                .english: "Give it back to the issuing counter, which finishes it or books it as spoiled.",
            ]
        case .expired: [.chinese: "请持卡人到社保窗口换领新卡。", .english: "Send the holder to a counter for a new card."]
        case .notInRegistry:
            [
                .chinese: "可能由别处发行：请联网核验，或请持卡人到社保窗口核查。",
                .english: "It may be registered elsewhere: ask on-line, or send the holder to a counter.",
            ]
        case .expiryUnreadable:
            [
                .chinese: "清洁芯片后再试一次；仍如此请持卡人到社保窗口核查。",
                .english: "Clean the chip and try once more; if it stays so, send the holder to a counter.",
            ]
        case .notAsked(let fault):
            Dictionary(
                uniqueKeysWithValues: MessageLanguage.allCases.map {
                    ($0, MessageCatalogue.standard.text(for: fault, language: $0).next)
                })
        }
    }
}
