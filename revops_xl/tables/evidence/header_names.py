"""What other programs call our columns: exports of Salesforce, HubSpot, Dynamics 365, Pipedrive and Zoho, and lists of people.

Seen in public exports and their documentation; case, blanks and punctuation do not matter.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

#: Headers of others by table and column of ours.
OTHERS: dict[str, dict[str, tuple[str, ...]]] = {
    "Deals": {
        "Deal ID": ("Opportunity ID", "Record ID", "Id", "Opportunity", "Deal - ID", "Deal - Pipedrive System ID", "(Do Not Modify) Opportunity", "Deal Number", "Opportunity Number", "Opp ID", "Opportunity Name", "Deal Name", "Topic", "Deal - Title"),
        "Account ID": ("Account", "AccountId", "Account Name", "Associated Company", "Company", "Company ID", "Customer ID", "Client ID", "Organization", "Deal - Organization", "Potential Customer", "Customer", "Account Name.id", "Kunde", "Client", "Empresa", "Client Code"),
        "Rep": ("Opportunity Owner", "Deal owner", "Owner", "Deal - Owner", "Sales Rep", "Salesperson", "Account Executive", "AE", "Owner Name", "Assigned Rep", "Sales Agent", "Rep ID", "Rep Name", "Owner Code", "Vertriebsmitarbeiter", "Besitzer", "Propriétaire", "Propietario", "Responsable"),
        "Stage": ("StageName", "Deal Stage", "Pipeline Phase", "Sales Stage", "Deal - Stage", "Status Reason", "Phase", "Verkaufsphase", "Étape", "Etapa"),
        "Status": ("Deal - Status", "State", "Deal Status", "Opportunity Status"),
        "Amount": ("Deal - Value", "Est. Revenue", "Value", "Deal Value", "Deal Amount", "Amount in company currency", "Expected Amount", "Opportunity Amount", "Opportunity Value", "Estimated Value", "Contract Value", "Deal Size", "Total Value", "Close Value", "Estimated $", "ACV", "ARR", "TCV", "Betrag", "Montant", "Importe", "Importe EUR"),
        "Rep probability": ("Probability", "Probability (%)", "Deal probability", "Deal - Probability", "Win Probability", "Wahrscheinlichkeit", "Probabilité", "Probabilidad"),
        "Created": ("Created Date", "CreatedDate", "Create Date", "Created On", "Created Time", "Deal - Deal created", "Deal - Creation date", "Date Created", "Deal Created Date", "Engage Date", "Erstelldatum", "Date de création", "Fecha de creación"),
        "Close date": ("CloseDate", "Closing Date", "Est. Close Date", "Actual Close Date", "Expected Close Date", "Deal - Expected close date", "Tentative Close Date", "Cierre previsto", "Close", "Schlusstermin", "Abschlussdatum", "Date de clôture", "Fecha de cierre"),
        "Won amount": ("Actual Revenue", "Won Value"),
    },
    "CommitHistory": {
        "Manager": ("Owner", "Sales Manager", "Forecast Owner", "Name"),
        "Period": ("Quarter", "Month", "Fiscal Period", "Fiscal Quarter", "Forecast Period", "Quartal", "Monat"),
        "Commit": ("Commit Amount", "Committed", "Forecast", "Commit Forecast", "Forecast Committed"),
        "Actual": ("Actuals", "Actual Bookings", "Closed", "Closed Won", "Bookings", "Result"),
    },
    "Commits": {
        "Manager": ("Owner", "Sales Manager", "Forecast Owner", "Name"),
        "Commit": ("Commit Amount", "Committed", "Forecast", "Current commit", "Commit Forecast"),
    },
    "Bookings": {
        "Period": ("Quarter", "Month", "Date", "Fiscal Period", "Quartal", "Monat"),
        "Bookings": ("Revenue", "Amount", "Booked", "Sales", "Umsatz", "Closed Won", "Total"),
    },
    "Hierarchy": {
        "Start date": ("Hire Date", "Hired", "Start", "Date of hire", "Eintrittsdatum"),
        "End date": ("Termination Date", "Leave Date", "Austrittsdatum"),
        "Capacity": ("FTE",),
        "Email": ("E-mail", "Email Address", "Mail", "Work Email"),
    },
    "Territories": {
        "Territory": ("Territory Name", "Name", "Region", "Area"),
        "Historical revenue": ("Revenue", "Last year revenue", "Prior year"),
        "Market size": ("TAM", "Market"),
        "Account count": ("Accounts", "Number of accounts"),
    },
    "People": {
        "Person ID": ("Employee ID", "EmployeeID", "Emp ID", "EmpID", "Employee Number", "Worker ID", "EEID", "Associate ID", "Person Number", "Staff ID", "User ID", "Employee #", "Personalnummer", "Mitarbeiternummer", "Mitarbeiter-ID", "Matricule", "ID employé", "ID empleado", "Número de empleado"),
        "Person": ("Employee", "Employee Name", "Worker", "Full Name", "Display Name", "Name", "Legal Name", "Preferred Name", "IC", "Rep", "Sales Rep", "Rep Name", "Salesperson", "Account Executive", "Sales Agent", "Agent", "Mitarbeiter", "Vollständiger Name", "Verkäufer", "Vertriebsmitarbeiter", "Nom complet", "Employé", "Vendeur", "Commercial", "Nombre completo", "Empleado", "Vendedor"),
        "First name": ("Given Name", "Forename", "Vorname", "Prénom", "Nombre"),
        "Last name": ("Surname", "Family Name", "Nachname", "Nom", "Nom de famille", "Apellido", "Apellidos"),
        "Manager ID": ("ManagerID", "Supervisor ID", "Reports To ID", "Manager Employee ID", "Manager Number", "Mgr ID", "Mgr", "Boss ID", "Line Manager ID", "Supervisor Employee ID", "Vorgesetzten-ID", "Vorgesetzter ID", "ID Vorgesetzter", "ID manager", "ID responsable", "ID du responsable"),
        "Manager": ("Manager Name", "Reports To", "Reporting To", "Supervisor", "Supervisor Name", "Line Manager", "Direct Manager", "Boss", "Vorgesetzter", "Vorgesetzte", "Berichtet an", "Responsable hiérarchique", "Supérieur", "N+1", "Jefe", "Jefe directo"),
        "Pipeline": ("Open Pipeline", "Open pipeline amount", "Pipeline Amount", "Current pipeline"),
        "OTE": ("On-target earnings", "On target earnings", "Target earnings", "Zieleinkommen"),
    },
    "Overrides": {"Node": ("Name", "Rep", "Manager", "Team"), "Amount": ("Quota", "Override", "Fixed amount")},
    "Levels": {"Level": ("Name", "Level name", "Column")},
    "Settings": {"Setting": ("Name", "Parameter"), "Value": ("Setting value",)},
}  # fmt: skip


def plain(header: str) -> str:
    """A header without case, blanks and punctuation.

    Example:
        >>> plain("Probability (%)"), plain("E-mail")
        ('probability', 'email')
    """
    return re.sub(r"[\W_]", "", header.casefold())


#: Names of levels of an org, without case, blanks and punctuation.
LEVEL_WORDS = frozenset(
    plain(word)
    for word in (
        "Company", "Organisation", "Organization", "Region", "Sales Region", "Area", "Theater", "Theatre", "Geo", "Geography", "Country",
        "Division", "Business Unit", "BU", "Segment", "District", "Territory Manager", "VP", "SVP", "CRO", "Head", "Director",
        "Sales Director", "RVP", "Regional Manager", "Regional Office", "Manager", "Sales Manager", "Team", "Sales Team", "Group",
        "Department", "Firma", "Unternehmen", "Bereich", "Gebiet", "Land", "Leiter", "Leitung", "Gruppe", "Société", "Entreprise",
        "Région", "Pays", "Équipe", "Directeur", "Empresa", "Región", "País", "Equipo", "Gerente", "Director regional",
    )
)  # fmt: skip


def known_names() -> frozenset[str]:
    """Everything that a column may be called, without case, blanks and punctuation: our names, others', levels."""
    names = {
        plain(name) for columns in OTHERS.values() for column, others in columns.items() for name in (column, *others)
    }
    return LEVEL_WORDS | names


def called(table: str, column: str, headers: Sequence[str]) -> list[str]:
    """The headers that are other programs' names of a column of ours.

    Example:
        >>> called("Hierarchy", "Start date", ["Hire Date", "Rep"])
        ['Hire Date']
    """
    names = {plain(other) for other in OTHERS.get(table, {}).get(column, ())}
    return [header for header in headers if plain(header) in names]


def meant_by(table: str, column: str, headers: Sequence[str]) -> str:
    """The header among some that means a column of ours; "" if none does.

    The same name in another spelling comes first, then what other programs call it, then a name that is half typed or
    nearly the same.

    Example:
        >>> meant_by("Deals", "Rep", ["Opportunity Owner", "Amount"]), meant_by("Deals", "Close date", ["close"])
        ('Opportunity Owner', 'close')
    """
    wanted = plain(column)
    by_plain = {plain(header): header for header in reversed(headers)}
    if wanted in by_plain:
        return by_plain[wanted]
    for other in OTHERS.get(table, {}).get(column, ()):
        if plain(other) in by_plain:
            return by_plain[plain(other)]
    begun = [header for key, header in by_plain.items() if len(key) >= 3 and wanted.startswith(key)]
    if len(begun) == 1:
        return begun[0]
    close = difflib.get_close_matches(wanted, [key for key in by_plain if len(key) >= 5], n=1, cutoff=0.8)
    return by_plain[close[0]] if close else ""
