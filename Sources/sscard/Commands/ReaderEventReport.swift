import CardData
import Foundation
import ISO7816
import SmartCardReader

/// An event of readers and cards as one line.
struct ReaderEventReport: Encodable {
    let event: String
    let reader: String?
    let card: String?
    let answerToReset: String?
    let samSlot: Bool?
    let faults: [String]?

    init(_ event: ReaderEvent) {
        switch event {
        case .readerAttached(let slot): self.init("reader-attached", slot)
        case .readerDetached(let name): self.init("reader-detached", name)
        case .cardInserted(let slot): self.init("card-inserted", slot)
        case .cardRemoved(let name): self.init("card-removed", name)
        case .serviceLost(let error): self.init("service-lost", faults: error.faults)
        case .serviceRestored: self.init("service-restored", faults: nil)
        }
    }

    private init(_ event: String, _ slot: ReaderDescription) {
        self.event = event
        reader = slot.name.rawValue
        card = "\(slot.cardState)"
        answerToReset = slot.answerToReset?.description
        samSlot = slot.name.looksLikeSAMSlot
        faults = nil
    }

    private init(_ event: String, _ name: ReaderName) {
        self.event = event
        reader = name.rawValue
        card = nil
        answerToReset = nil
        samSlot = name.looksLikeSAMSlot
        faults = nil
    }

    private init(_ event: String, faults: [Fault]?) {
        self.event = event
        reader = nil
        card = nil
        answerToReset = nil
        samSlot = nil
        self.faults = faults?.map(\.code.rawValue)
    }

    /// The line for programs.
    var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }

    /// The line for people.
    var text: String {
        let names = [
            "reader-attached": "读卡器接入 reader attached", "reader-detached": "读卡器断开 reader detached",
            "card-inserted": "插卡 card inserted", "card-removed": "拔卡 card removed",
            "service-lost": "读卡器服务中断 service lost", "service-restored": "读卡器服务恢复 service restored",
        ]
        let what = (card == "mute" && event == "card-inserted") ? "插卡无应答 mute card" : names[event] ?? event
        let details = [reader, answerToReset.map { "ATR \($0)" }, samSlot == true ? "PSAM 卡槽 SAM slot" : nil]
        return ([what] + details.compactMap(\.self)).joined(separator: "  ")
    }
}
