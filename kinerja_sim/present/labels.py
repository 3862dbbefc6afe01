"""What every setting of a policy or region file is called, and what its values mean, in both languages.

The one home of these words: the plain-language difference, the no-code page and every form
read them here. `*` stands for a service unit. A test walks the models of `know` and demands
a label for every field and a word for every choice.
"""

from __future__ import annotations

from kinerja_sim.know.fields import Text
from kinerja_sim.present.i18n import Translator


def _(id: str, en: str) -> Text:
    return Text(id=id, en=en)


POLICY: dict[str, Text] = {
    "name": _("nama", "name"),
    "title": _("judul", "title"),
    "description": _("uraian", "description"),
    "author": _("penyusun", "author"),
    "sources": _("sumber", "sources"),
    "left_out": _("di luar model", "outside the model"),
    "appraisal": _("penilaian", "appraisal"),
    "appraisal.period": _("evaluasi", "evaluation"),
    "appraisal.scheme": _("aturan predikat", "grading rules"),
    "appraisal.weights": _("bobot", "weights"),
    "appraisal.weights.results": _("bobot hasil kerja", "weight of results"),
    "appraisal.weights.citizens": _("bobot umpan balik masyarakat", "weight of citizens' feedback"),
    "appraisal.weights.civil_society": _("bobot survei masyarakat sipil", "weight of the civil-society survey"),
    "appraisal.weights.supervisor": _("bobot penilaian atasan", "weight of the supervisor"),
    "appraisal.weights.peers": _("bobot penilaian rekan kerja", "weight of peers"),
    "appraisal.weights.community": _("bobot pelibatan masyarakat", "weight of community engagement"),
    "appraisal.weights.subordinates": _("bobot penilaian bawahan", "weight of subordinates"),
    "appraisal.weights.team": _("bobot hasil tim", "weight of the team's results"),
    "appraisal.targets": _("target hasil kerja", "targets of the results"),
    "appraisal.targets.quantity": _("porsi jumlah dalam target", "share of quantity in the targets"),
    "appraisal.targets.on_time": _("porsi ketepatan waktu dalam target", "share of punctuality in the targets"),
    "appraisal.stakes": _("kuatnya konsekuensi", "strength of the consequences"),
    "appraisal.leniency": _("kelonggaran penilai", "leniency of raters"),
    "appraisal.forced_distribution": _("distribusi predikat yang dipaksakan", "forced distribution of grades"),
    "appraisal.rater_span": _("pegawai per penilai", "officers per rater"),
    "appraisal.rotation_months": _("rotasi penilai", "rotation of raters"),
    "channels": _("saluran umpan balik", "feedback channels"),
    "goals": _("sasaran kerja", "goals"),
    "feedback": _("umpan balik kepada pegawai", "feedback to officers"),
    "feedback.to_officers": _("pembicaraan hasil dengan pegawai", "talk about results with officers"),
    "feedback.citizens_visible": _("penilaian warga terlihat oleh pegawai", "citizens' ratings shown to officers"),
    "feedback.monitoring": _("pemantauan elektronik", "electronic monitoring"),
    "training": _("pelatihan", "training"),
    "training.kind": _("jenis", "kind"),
    "training.hours_jp": _("jam pelajaran (JP)", "hours (JP of 45 minutes)"),
    "training.format": _("bentuk", "format"),
    "training.first_month": _("mulai bulan ke", "from month"),
    "training.every_months": _("berulang tiap", "repeated every"),
    "socialisation": _("sosialisasi", "explaining the policy to staff"),
    "socialisation.kind": _("cara sosialisasi", "way of explaining"),
    "socialisation.guarantees": _("jaminan tahun pertama", "guarantees in the first year"),
    "socialisation.support": _("bantuan beban perubahan", "support with the workload of the change"),
    "socialisation.waves": _("gelombang sosialisasi", "waves of explaining"),
    "socialisation.first_month": _("sosialisasi mulai bulan ke", "explaining from month"),
    "socialisation.every_months": _("jarak antargelombang", "time between waves"),
    "recognition": _("penghargaan", "recognition"),
    "recognition.share": _("porsi pegawai yang diberi penghargaan", "share of officers with an award"),
    "coaching": _("pembinaan", "coaching"),
    "coaching.trigger": _("pemicu pembinaan", "trigger of coaching"),
    "coaching.target": _("ambang pembinaan (% dari rata-rata kantor)", "coaching threshold (% of the office's mean)"),
    "allowance": _("tunjangan kinerja", "performance allowance"),
    "allowance.prior": _("anggapan tentang pengaruh tunjangan", "belief about the allowance's effect"),
    "allowance.share": _("porsi tunjangan yang bergantung predikat", "share of the allowance that hangs on the grade"),
    "capacity": _("kapasitas", "capacity"),
    "capacity.extra_officers": _("pegawai tambahan", "extra officers"),
    "capacity.no_shortage": _("tanpa kekosongan blangko", "no shortage of supplies"),
    "capacity.no_offline_days": _("tanpa gangguan jaringan", "no days offline"),
    "capacity.online_queue": _("antrean daring", "online queue"),
    "rater_training": _("pelatihan penilai", "training of raters"),
    "rater_training.hours_jp": _("jam pelajaran penilai (JP)", "hours of raters (JP of 45 minutes)"),
    "rater_training.first_month": _("pelatihan penilai mulai bulan ke", "training of raters from month"),
    "rater_training.every_months": _("pelatihan penilai berulang tiap", "training of raters repeated every"),
    "turnover": _("pergantian pegawai", "turnover"),
    "turnover.share": _("porsi pegawai yang pergi", "share of officers who leave"),
    "turnover.who": _("yang pergi", "who leaves"),
    "dose": _("dosis kebijakan", "dose of the policy"),
    "start_month": _("mulai berlaku bulan ke", "in force from month"),
    "phase_in_months": _("masa peralihan", "phasing in"),
    "stop_month": _("berhenti bulan ke", "stops in month"),
}  # fmt: skip
"""Label of every field of a policy file."""

REGION: dict[str, Text] = {
    "name": _("nama", "name"),
    "title": _("judul", "title"),
    "level": _("tingkat", "level"),
    "population": _("penduduk", "population"),
    "resistance_cause": _("sebab resistensi", "cause of resistance"),
    "preset": _("kebijakan wilayah", "own policy"),
    "left_out": _("di luar model", "outside the model"),
    "hypotheses": _("hipotesis", "hypotheses"),
    "units": _("unit layanan", "service units"),
    "units.*": _("unit layanan", "service unit"),
    "units.*.title": _("judul", "title"),
    "units.*.service": _("jenis layanan", "kind of service"),
    "units.*.day_minutes": _("menit kerja sehari", "working minutes a day"),
    "units.*.arrivals": _("kedatangan", "arrivals"),
    "units.*.arrivals.per_day": _("permohonan per hari kerja", "cases per working day"),
    "units.*.arrivals.half_hour": _("pola kedatangan per setengah jam", "arrivals by half-hour"),
    "units.*.arrivals.weekday": _("pola kedatangan per hari", "arrivals by weekday"),
    "units.*.arrivals.month": _("pola kedatangan per bulan", "arrivals by month"),
    "units.*.counter": _("loket", "counter"),
    "units.*.counter.officers": _("pegawai loket", "officers at the counter"),
    "units.*.counter.minutes": _("menit per permohonan di loket", "minutes per case at the counter"),
    "units.*.counter.complexity": _("kerumitan pekerjaan loket", "complexity at the counter"),
    "units.*.counter.staffing": _("porsi petugas di loket per setengah jam", "share at their posts by half-hour"),
    "units.*.processing": _("pemrosesan", "processing"),
    "units.*.processing.officers": _("pegawai pemrosesan", "officers in processing"),
    "units.*.processing.minutes": _("menit per permohonan di pemrosesan", "minutes per case in processing"),
    "units.*.processing.complexity": _("kerumitan pemrosesan", "complexity in processing"),
    "units.*.supply": _("pasokan", "supplies"),
    "units.*.supply.limit_per_day": _("batas kapasitas mesin per hari", "limit of the machines per day"),
    "units.*.supply.shortage": _("masa kekosongan pasokan", "spells of shortage"),
    "units.*.supply.shortage.every_days": _("jarak antarkekosongan", "time between shortages"),
    "units.*.supply.shortage.lasting_days": _("lama kekosongan", "length of a shortage"),
    "units.*.supply.shortage.supply_share": _("pasokan selama kekosongan", "supplies during a shortage"),
    "units.*.supply.offline_days_per_year": _("hari tanpa jaringan per tahun", "days offline per year"),
    "units.*.standard": _("standar layanan", "service standard"),
    "units.*.standard.quantity": _("yang dijanjikan", "what is promised"),
    "units.*.standard.value": _("janji layanan", "promise"),
    "units.*.error_share": _("porsi berkas yang gagal", "share of attempts that fail"),
    "units.*.rework_days": _("jeda kerja ulang", "time until rework"),
    "units.*.backlog": _("tunggakan awal", "backlog at the start"),
    "units.*.tickets_per_day": _("tiket per hari", "tickets per day"),
    "units.*.priority_line": _("lajur prioritas", "priority line"),
    "units.*.complaint_clock": _("tenggat pengaduan", "complaint deadlines"),
    "units.*.lessons": _("jam pelajaran terjadwal", "lessons of a timetable"),
    "units.*.restriction_days": _("batas pengamatan", "horizon of observation"),
    "units.*.satisfaction_base": _("kepuasan dasar", "base satisfaction"),
    "units.*.ledger": _("baris bukti milik unit ini", "ledger rows of this unit's own"),
    "units.*.ledger.patience_median_min": _("kesabaran, median", "patience, median"),
    "units.*.ledger.patience_shape": _("kesabaran, bentuk Weibull", "patience, Weibull shape"),
    "units.*.ledger.service_cv": _("ragam waktu layanan", "variation of service time"),
    "units.*.ledger.arrival_day_cv": _("ragam jumlah pemohon antarhari", "variation between days"),
    "units.*.urban": _("perkotaan", "urban"),
}  # fmt: skip
"""Label of every field of a region file."""

VALUES: dict[str, Text] = {
    "monthly": _("bulanan", "monthly"),
    "quarterly": _("triwulanan", "quarterly"),
    "semester": _("semesteran", "every semester"),
    "annual": _("tahunan", "annual"),
    "pp30": _("PP 30/2019", "PP 30/2019"),
    "permenpan6": _("PermenPANRB 6/2022", "PermenPANRB 6/2022"),
    "lenient": _("lunak", "lenient"),
    "calibrated": _("dikalibrasi", "calibrated"),
    "outstanding": _("organisasi istimewa", "outstanding organisation"),
    "good": _("organisasi baik", "good organisation"),
    "needs_improvement": _("organisasi perlu perbaikan", "organisation that needs improvement"),
    "poor": _("organisasi kurang", "poor organisation"),
    "very_poor": _("organisasi sangat kurang", "very poor organisation"),
    "app": _("aplikasi", "app"),
    "kiosk": _("mesin penilaian di pintu keluar", "kiosk at the exit"),
    "sms": _("SMS", "text messages"),
    "phone": _("telepon", "telephone"),
    "paper": _("formulir kertas", "paper forms"),
    "civil_society": _("survei masyarakat sipil", "civil-society survey"),
    "complaint": _("kanal pengaduan", "complaint line"),
    "none": _("tidak ada", "none"),
    "generic": _("umum", "generic"),
    "specific": _("jelas dan terukur", "clear and measurable"),
    "technical": _("teknis", "technical"),
    "communication": _("komunikasi", "communication"),
    "managerial": _("manajerial", "managerial"),
    "individual": _("perorangan", "individual"),
    "team": _("bersama tim", "as a team"),
    "participatory": _("dialog dua arah", "in dialogue"),
    "one_way": _("satu arah", "one-way"),
    "below_target": _("hasil di bawah target", "results below target"),
    "below_expectation": _("predikat di bawah baik", "a grade under good"),
    "anybody": _("siapa saja", "anybody"),
    "everyone": _("semua pegawai", "everybody"),
    "sceptical": _("skeptis", "sceptical"),
    "optimistic": _("optimistis", "optimistic"),
    "negative": _("merugikan", "harmful"),
    "tax_office": _("seperti di kantor pajak", "as in the tax office"),
    "unconditional": _("kenaikan tanpa syarat", "a rise without condition"),
    "province": _("provinsi", "province"),
    "city": _("kota", "city"),
    "district": _("kecamatan", "district"),
    "pressure": _("tekanan", "pressure"),
    "fear": _("takut akan akibat", "fear of consequences"),
    "habit": _("kebiasaan", "habit"),
    "routine": _("rutin", "routine"),
    "medium": _("sedang", "medium"),
    "wait": _("waktu tunggu", "the wait"),
    "turnaround": _("waktu penyelesaian", "the turnaround"),
    "measured": _("terukur", "measured"),
    "published": _("terbit", "published"),
    "derived": _("turunan", "derived"),
    "estimate": _("perkiraan", "estimate"),
}  # fmt: skip
"""Word of every choice that a field offers."""

UNITS: dict[str, Text] = {
    "residents": _("jiwa", "residents"),
    "officers": _("pegawai", "officers"),
    "cases": _("permohonan", "cases"),
    "cases per working day": _("permohonan per hari kerja", "cases per working day"),
    "minutes per case": _("menit per permohonan", "minutes per case"),
    "minutes": _("menit", "minutes"),
    "working days": _("hari kerja", "working days"),
    "working days per year": _("hari kerja per tahun", "working days per year"),
    "share of first attempts": _("dari percobaan pertama", "of first attempts"),
    "share of mean daily demand": _("dari permintaan harian rata-rata", "of mean daily demand"),
    "index 25-100": _("indeks 25–100", "index 25–100"),
    "SD / mean": _("simpangan baku / rata-rata", "SD / mean"),
    "shape of a Weibull distribution": _("bentuk sebaran Weibull", "shape of a Weibull distribution"),
}  # fmt: skip
"""Word of every unit of a region file."""

SHARES = {
    "appraisal.targets.quantity", "appraisal.targets.on_time", "recognition.share", "allowance.share", "turnover.share",
    "dose",
}  # fmt: skip
MONTHS = {
    "appraisal.rotation_months",
    "training.every_months",
    "rater_training.every_months",
    "socialisation.every_months",
    "phase_in_months",
}


def label(path: str, kind: dict[str, Text], lang: str) -> str:
    """Return what the field at `path` is called; a service unit's place in it may be `*`.

    Examples
    --------
    >>> label("appraisal.weights.citizens", POLICY, "id")
    'bobot umpan balik masyarakat'
    """
    return kind[path].in_(lang)


def word(value: object, path: str, t: Translator) -> str:
    """Return a value in words and numbers of the language.

    Examples
    --------
    >>> from kinerja_sim.present.i18n import translator
    >>> t = translator("id")
    >>> word(0.3, "appraisal.weights.citizens", t), word("quarterly", "appraisal.period", t)
    ('30 %', 'triwulanan')
    """
    if value is None or value == ():
        return t("none")
    if isinstance(value, bool):
        return t("yes") if value else t("no")
    if isinstance(value, list | tuple):
        return ", ".join(word(item, path, t) for item in value)
    if isinstance(value, int | float):
        if path.startswith("appraisal.weights.") or path in SHARES:
            return t.percent(value, 0 if abs(100 * value - round(100 * value)) < 1e-9 else 1)
        if path in MONTHS:
            return t.plural("{n} month", "{n} months", int(value))
        return number_text(value, t)
    return VALUES[str(value)].in_(t.lang) if str(value) in VALUES else str(value)


def number_text(value: float, t: Translator) -> str:
    """Return a number with the decimals that it needs, at most four.

    Examples
    --------
    >>> from kinerja_sim.present.i18n import translator
    >>> number_text(18.5, translator("id")), number_text(80_000, translator("en"))
    ('18,5', '80,000')
    """
    places = next((d for d in range(4) if abs(round(value, d) - value) < 1e-9), 4)
    return t.number(value, places)
