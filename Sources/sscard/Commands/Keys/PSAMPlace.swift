import ArgumentParser
import CardData
import CardLayout
import ISO7816
import Issuing
import SmartCardReader
import VirtualCard

/// Which PSAM a command is about: one in a reader slot, or a virtual one in its state file.
struct PSAMPlace: ParsableArguments {
    @Option(help: "PSAM 卡槽 The slot: its name or a part of it; \"\" for the only SAM slot with a card.")
    var reader: String?
    @Option(help: "虚拟 PSAM 状态文件 A virtual PSAM's state file, used in this program.") var state: String?

    /// What the place is called where it holds no PSAM.
    var name: String { state ?? reader.map { $0.isEmpty ? "SAM" : $0 } ?? "–" }

    /// The way to it; throws `psam.one-place` unless exactly one place is given.
    func channel(_ site: SiteOptions) throws -> any CardChannel {
        switch (reader, state) {
        case (let reader?, nil): return try HeldCard(PSAMSlot.named(reader)) { Terminal.tell($0.faults) }
        case (nil, let state?):
            let library = try site.library()
            guard let module = try VirtualPSAM.open(stateFile: state, profiles: { try library.psamProfile(named: $0) })
            else { throw StateFileError.notAStateFile }
            return try VirtualCardChannel(module)
        default: throw Faults("psam.one-place")
        }
    }
}
