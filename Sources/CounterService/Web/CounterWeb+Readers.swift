import CardData
import Hummingbird
import SmartCardReader

/// The readers: what is in them.
extension CounterWeb {
    func addReaders(to router: Router<CounterContext>) {
        page(router, "/readers") { visitor in
            var view: View = ["readers": readerViews(visitor.language)]
            view["readerTrouble"] = readerTrouble(visitor.language)
            return show("readers", visitor, title: pages.words.text("readers", visitor.language), view)
        }
    }

    /// Readers for templates and for the page's script alike.
    func readerViews(_ language: MessageLanguage) -> [View] {
        reports(board.picture, language).map { report in
            var view: View = [
                "name": report.name, "state": report.state, "stateCode": report.code,
                "isSecurityModule": report.isSecurityModule,
            ]
            if !report.hint.isEmpty { view["hint"] = report.hint }
            return view
        }
    }

    /// Why no reader can be seen; nil while they can.
    func readerTrouble(_ language: MessageLanguage) -> View? {
        board.picture.trouble.map { error in
            PageRenderer.views(of: error.faults, language).first ?? [:]
        }
    }

    /// One reader as it is shown.
    struct ReaderReport: Encodable {
        let name: String
        let state: String
        let code: String
        let hint: String
        let isSecurityModule: Bool
    }

    /// All of them.
    struct ReadersReport: Encodable {
        let readers: [ReaderReport]
        let trouble: String?
    }

    func reports(_ picture: ReaderBoard.Picture, _ language: MessageLanguage) -> [ReaderReport] {
        picture.slots.map { slot in
            let isSecurityModule = isForModules(slot.name)
            let code =
                switch slot.cardState {
                case .present: "present"
                case .mute: "mute"
                case .empty, .unknown: "empty"
                }
            // A slot for security modules always holds a card or a mute one; neither is a holder's.
            let hint = isSecurityModule ? "readerModule" : code == "mute" ? "readerMuteHint" : ""
            return ReaderReport(
                name: slot.name.rawValue, state: pages.words.text("reader-\(code)", language), code: code,
                hint: hint.isEmpty ? "" : pages.words.text(hint, language), isSecurityModule: isSecurityModule)
        }
    }

    func report(_ picture: ReaderBoard.Picture, _ language: MessageLanguage) -> ReadersReport {
        let trouble = picture.trouble?.faults.first.map {
            PageRenderer.text(for: $0, language)
        }
        return ReadersReport(
            readers: reports(picture, language), trouble: trouble.map { "\($0.what) \($0.next)" })
    }
}
