'revops-xl: the ribbon's buttons, and what a failing worksheet function leaves behind. Nothing is computed here.
'The build puts this, xlwings' part and the worksheet functions into one module, so that all that is not a function or a
'button can be Private: a public procedure of an add-in can be called from a cell of any workbook.
Private LastMessage As String
Private Described As Boolean
Private FailedUntil As Date
Private FailedBecause As String
'--- procedures
'Every button but Last error: its id names what Python does.
Public Sub RvxPress(control As IRibbonControl)
    RvxRun control.ID
End Sub

Public Sub RvxShowLastError(control As IRibbonControl)
    If LastMessage = "" Then
        MsgBox "No worksheet function has failed since Excel was started.", vbInformation, "RevOps"
    Else
        MsgBox LastMessage, vbExclamation, "RevOps: last error"
    End If
End Sub

'Only ids of our own buttons reach Python, whoever calls.
Private Sub RvxRun(ByVal Button As String)
    Dim Answer As String, Alerts As Boolean, Interpreter As String, Parameters As String
    If InStr(Button, "|") > 0 Or InStr(RvxButtons(), "|" & Button & "|") = 0 Then Exit Sub
    If ActiveWorkbook Is Nothing And InStr("|rvxNewPlan|rvxHelp|rvxAbout|", "|" & Button & "|") = 0 Then
        MsgBox "Open a plan workbook first, or press New plan.", vbExclamation, "RevOps"
        Exit Sub
    End If
    RvxDescribeOnce
    Alerts = Application.DisplayAlerts
    On Error GoTo failed
    #If Mac Then
        'Excel for Mac starts Python through a script in its own folder; nothing of the open workbook goes along.
        Interpreter = GetConfig("INTERPRETER_MAC", "")
        If Interpreter = "" Then Err.Raise 1000, Description:="No Python is set. Run: revops-xl addin install"
        Parameters = "false;;;;;|" & Interpreter & "|from revops_xl.hosts.excel import macros; macros.press_and_say('" & Button & "')"
        Parameters = Parameters & "|" & ThisWorkbook.Name & "|" & Left(Application.Path, Len(Application.Path) - 4)
        AppleScriptTask "revops-xl-" & XLWINGS_VERSION & ".applescript", "VbaHandler", Parameters & "|" & Environ("HOME") & "/revops-xl.log"
    #Else
        XLPy.SetAttr XLPy.Module("xlwings._xlwindows"), "BOOK_CALLER", ActiveWorkbook
        'Otherwise Excel asks for patience while Python computes.
        Application.DisplayAlerts = False
        Answer = XLPy.Str(XLPy.Call(XLPy.Module("revops_xl.hosts.excel.macros"), "press", XLPy.Tuple(Button)))
        Application.DisplayAlerts = Alerts
        FailedUntil = 0
        RvxSay Answer
    #End If
    Exit Sub
failed:
    Application.DisplayAlerts = Alerts
    MsgBox Err.Description, vbCritical, "RevOps"
End Sub

'What Python has to say, after it is done: an icon, a bar, a text.
Private Sub RvxSay(ByVal Answer As String)
    Dim Bar As Long
    Bar = InStr(Answer, "|")
    If Bar = 0 Then Exit Sub
    If Left$(Answer, Bar - 1) = "critical" Then
        MsgBox Left$(Mid$(Answer, Bar + 1), 1000), vbExclamation, "RevOps"
    Else
        MsgBox Left$(Mid$(Answer, Bar + 1), 1000), vbInformation, "RevOps"
    End If
End Sub

'The process that serves worksheet functions. A start that failed is not tried again for a minute: each cell would wait.
Private Function RvxServer() As Object
    #If Mac Then
        Err.Raise 1000, Description:="[#VALUE!] worksheet functions run in Excel for Windows and in LibreOffice; on a Mac the buttons work"
    #Else
        If FailedUntil > Now Then Err.Raise 1000, Description:=FailedBecause
        On Error GoTo failed
        Set RvxServer = XLPy
        Exit Function
    #End If
failed:
    FailedBecause = Err.Description
    FailedUntil = Now + TimeSerial(0, 1, 0)
    Err.Raise 1000, Description:=FailedBecause
End Function

'What a cell shows for a failed function; its message is one click away.
Private Function RvxFailed(ByVal Description As String) As Variant
    Dim First As Long, Last As Long
    LastMessage = Description
    RvxFailed = CVErr(xlErrValue)
    First = InStr(Description, "[#")
    If First = 0 Then Exit Function
    Last = InStr(First, Description, "]")
    If Last = 0 Then Exit Function
    LastMessage = Mid$(Description, Last + 2)
    Select Case Mid$(Description, First + 1, Last - First - 1)
        Case "#N/A": RvxFailed = CVErr(xlErrNA)
        Case "#REF!": RvxFailed = CVErr(xlErrRef)
        Case "#DIV/0!": RvxFailed = CVErr(xlErrDiv0)
        Case "#NUM!": RvxFailed = CVErr(xlErrNum)
        Case "#NAME?": RvxFailed = CVErr(xlErrName)
        Case "#NULL!": RvxFailed = CVErr(xlErrNull)
    End Select
End Function

'The function wizard's texts of the arguments; at the first press of a button, since an add-in that runs by itself is distrusted.
Private Sub RvxDescribeOnce()
    If Not Described Then RvxDescribeFunctions
End Sub
